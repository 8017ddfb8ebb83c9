/**
 * Ink components for the screens of boottorrent: the client's and the host's. They know their props and nothing else.
 */
export { Facts } from './Facts.tsx'
export { Frame, type Key } from './Frame.tsx'
export { cleanText, formatBytes, formatDuration, formatSpeed, percentage, wrapText } from './format.ts'
export { Menu, type MenuItem } from './Menu.tsx'
export { Notice } from './Notice.tsx'
export { ProgressBar } from './ProgressBar.tsx'
export { colour, glyph } from './theme.ts'
