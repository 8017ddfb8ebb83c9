/** In place of yoga-layout: its last version that was also compiled to asm.js, for QuickJS has no WebAssembly. */
import assembly from 'yoga-layout-asmjs/asmjs-sync'

const Yoga = assembly.default ?? assembly

export * from 'yoga-layout-asmjs/enums'
export default Yoga
