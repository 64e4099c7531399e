/** The page's only style sheet. */
import { ACCESS } from './style/access.js';
import { BASE, COLOURS } from './style/base.js';
import { FOLDED } from './style/folded.js';
import { MEDIA } from './style/media.js';
import { FIRST_SCREEN } from './style/screen.js';
import { TABLES } from './style/tables.js';

export const STYLE = [COLOURS, BASE, FIRST_SCREEN, TABLES, FOLDED, ACCESS, MEDIA].join('');
