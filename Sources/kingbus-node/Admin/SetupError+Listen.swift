import Common
import Glibc
import NIOCore
import NIOSSL

extension SetupError {
    /// Why the admin API cannot listen, and which flag mends it.
    init(cannotListen address: HostPort, _ error: any Error) {
        let reason: String
        let hint: String
        switch error {
        case let error as IOError where error.errnoCode == EADDRINUSE:
            reason = "the address is in use"
            hint = "stop what uses it, or choose another with --admin-listen"
        case let error as IOError where error.errnoCode == EADDRNOTAVAIL:
            reason = "this machine does not have the address"
            hint = "give one of its own with --admin-listen"
        case let error as IOError where error.errnoCode == EACCES:
            reason = "not permitted"
            hint = "choose a port above 1023 with --admin-listen"
        case let error as IOError:
            reason = String(cString: strerror(error.errnoCode))
            hint = "see --admin-listen"
        case is SocketAddressError, is SocketAddressError.UnknownHost:
            reason = "the host name has no address"
            hint = "correct it in --admin-listen"
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            reason = "TLS: \(error)"
            hint = "check --admin-tls-cert and --admin-tls-key"
        default:
            reason = "\(error)"
            hint = "see --admin-listen"
        }
        self.init("the admin API cannot listen on \(address): \(reason); \(hint)")
    }
}
