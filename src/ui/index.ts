/**
 * Ink components for the screens of boottorrent: the client's and the host's. They know their props and nothing else.
 */
export { Facts, type FactsProps } from './Facts.tsx'
export { Frame, type FrameProps, type Key } from './Frame.tsx'
export { cleanText, formatBytes, formatDuration, formatSpeed, percentage, wrapText } from './format.ts'
export { Menu, type MenuItem, type MenuProps } from './Menu.tsx'
export { Notice, type NoticeProps } from './Notice.tsx'
export { ProgressBar, type ProgressBarProps } from './ProgressBar.tsx'
export { colour, glyph } from './theme.ts'
