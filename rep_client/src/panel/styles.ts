/** The styles of all parts, as one sheet. */

import askStyles from './ask/ask.css?inline';
import cardStyles from './card/card.css?inline';
import consentStyles from './consent/consent.css?inline';
import panelStyles from './panel.css?inline';
import sheetStyles from './sheets/sheets.css?inline';
import statusStyles from './status/status.css?inline';
import timelineStyles from './timeline/timeline.css?inline';

const STYLES = [
  panelStyles,
  statusStyles,
  cardStyles,
  consentStyles,
  sheetStyles,
  timelineStyles,
  askStyles,
].join('\n');
let sheet: CSSStyleSheet | undefined;

/** One style sheet for all panels of the page; a constructed one, so no policy forbids it. */
export function styles(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
  }
  return sheet;
}
