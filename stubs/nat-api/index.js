/** Never constructed: the seeder switches UPnP and NAT-PMP off. */
export default class NatApi {
  destroy() {}
}
