// What Node 22 does not have yet and the program uses; it goes into every bundle. Newer ones keep their own.
import 'core-js/actual/async-disposable-stack/index.js'
