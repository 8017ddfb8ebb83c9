/** In place of signal-exit and patch-console: registers nothing, and there is nothing to undo. */
export default () => () => {}
