// simple-peer asks these for WebRTC support; undefined means there is none.
export const RTCPeerConnection = undefined
export const RTCSessionDescription = undefined
export const RTCIceCandidate = undefined
export default {}
