// What Node 22 does not have yet and the program uses: a file of its own, which every bundle loads where it is missing.
import 'core-js/actual/async-disposable-stack/index.js'
