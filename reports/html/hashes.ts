/** SHA-256 of the page's style and script, for its content security policy. Written by `npm run test:goldens`. */
export const STYLE_SHA256 = 'JiDBnH7WyKSuq/Lzz+fiuqkM33y1WZ7loVd3C0IHje4=';
export const SCRIPT_SHA256 = '9KzjTuo/clhFIA4ckut/lH5qnBWMvIrpwn0MyIl0SAM=';
