// What the package exports to programs: the library as a whole, and each room that is of use alone. package.json's
// "exports" name the same; a test compares them.
export const libraryEntries: { readonly [name: string]: string } = {
  index: 'src/index.ts',
  dhcp: 'src/dhcp/index.ts',
  environment: 'src/environment/index.ts',
  http: 'src/http/index.ts',
  initrd: 'src/initrd/index.ts',
  seeder: 'src/seeder/index.ts',
  tftp: 'src/tftp/index.ts',
  tracker: 'src/tracker/index.ts',
}
