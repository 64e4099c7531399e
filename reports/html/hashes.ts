/** SHA-256 of the page's style and script, for its content security policy. Written by `npm run test:goldens`. */
export const STYLE_SHA256 = '/3EUou6ZFyPTb0j3JfLSU5natS6CJNGd3WrKxUWiJbY=';
export const SCRIPT_SHA256 = '9KzjTuo/clhFIA4ckut/lH5qnBWMvIrpwn0MyIl0SAM=';
