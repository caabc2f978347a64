import Foundation

@testable import kingbus_node

/// Certificates of two authorities, valid for a hundred years; they protect nothing.
enum PeerCertificates {
    /// The cluster's own.
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBczCCARmgAwIBAgIUAPTI17rdO3+ZpkeljJiTw4Sz7/8wCgYIKoZIzj0EAwIw
        DjEMMAoGA1UEAwwDY2FhMCAXDTI2MTEyMTA2MDE1NloYDzIxMjYxMDI4MDYwMTU2
        WjAOMQwwCgYDVQQDDANjYWEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQlH2dM
        gvhN/b1MCH1cP7sP4H+76iJn2456b/t90PV0e86Uh3qdw/j8INQMUiiLq6sWw/Sf
        dMzXIhnyVe5UXFbLo1MwUTAdBgNVHQ4EFgQUMMY5f0MoRpwjhpuIZgwgbijjKs4w
        HwYDVR0jBBgwFoAUMMY5f0MoRpwjhpuIZgwgbijjKs4wDwYDVR0TAQH/BAUwAwEB
        /zAKBggqhkjOPQQDAgNIADBFAiAiIOfpZ0DqY5Y+x4UodJYAwPeApKCUm4xL3hdC
        blGXqgIhALIZDEL+sqdCx/UV9udowhyssaPsiRBDRd8fxbpKdwlD
        -----END CERTIFICATE-----
        """

    /// A node, signed by it.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBGDCBwAIUTXDLlATNCWp+/0FXWmXPxsLW4ycwCgYIKoZIzj0EAwIwDjEMMAoG
        A1UEAwwDY2FhMCAXDTI2MTEyMTA2MDE1NloYDzIxMjYxMDI4MDYwMTU2WjAPMQ0w
        CwYDVQQDDARub2RlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJ+ARt0xKJE5K
        t1KJ6s7hmbuYTqNAYsHWoqFVEOplmgArKnzytAzw7VFljTnkaV+9NB2UZopQvNx+
        lLWPdyv+4TAKBggqhkjOPQQDAgNHADBEAiAHdghvZtWJ4JBwA5a+9cLK9Z45Am7k
        tMGsziOPfmrMHQIgBnXQtrGPWG0vvxPPbjFiNLu9WI3qlCcUWo1SOeeJrLE=
        -----END CERTIFICATE-----
        """

    /// The node's.
    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg35yZxkEX0LISFoEo
        RgMS+zQJmz6lhq4r7V4p2iNpDXmhRANCAAQn4BG3TEokTkq3UonqzuGZu5hOo0Bi
        wdaioVUQ6mWaACsqfPK0DPDtUWWNOeRpX700HZRmilC83H6UtY93K/7h
        -----END PRIVATE KEY-----
        """

    /// Another.
    static let foreignAuthority = """
        -----BEGIN CERTIFICATE-----
        MIIBczCCARmgAwIBAgIUfeAzQNz0FZ3Y49U2aV+cHcoIiLswCgYIKoZIzj0EAwIw
        DjEMMAoGA1UEAwwDY2FiMCAXDTI2MTEyMTA2MDE1NloYDzIxMjYxMDI4MDYwMTU2
        WjAOMQwwCgYDVQQDDANjYWIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAScsKIa
        VweX4hmUXrNd9DHK8AE4HjNSErTHywdin1GbpSRIcWcssla3p+o6vLdBoH3487l+
        2gGdx/mhfYisXNsMo1MwUTAdBgNVHQ4EFgQUk9pOvZkbBzARRLOB3v7/rPXckw8w
        HwYDVR0jBBgwFoAUk9pOvZkbBzARRLOB3v7/rPXckw8wDwYDVR0TAQH/BAUwAwEB
        /zAKBggqhkjOPQQDAgNIADBFAiAYzqgIj1fTOdA60T3SKxIKV9AIeK7om5GUd/Su
        3ByB8AIhAJVT3MIikapT5ebTEKK9lU0kv3Zxujkkv3h6GwVJtGjm
        -----END CERTIFICATE-----
        """

    /// Signed by the other.
    static let foreignCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBGTCBwAIUOLgKo8inDzjWRILjDwJHcg/nzdYwCgYIKoZIzj0EAwIwDjEMMAoG
        A1UEAwwDY2FiMCAXDTI2MTEyMTA2MDE1NloYDzIxMjYxMDI4MDYwMTU2WjAPMQ0w
        CwYDVQQDDARub2RlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIJS5sBNAnTDN
        dFNwihba8LjdDMbIkZhQjC/J4HrmgNHwtBj5Az2onMpAC6MiOZZwjLC8mtKwThbC
        Q3pzwNzcJjAKBggqhkjOPQQDAgNIADBFAiAFEa+hakagFcyIYGKjl4a+4pnlzllc
        mmKKrRFikjiO8AIhAJAhpJXHUNz1vaEpr3NedkaKasB7RglRIgZ6docnU+Cu
        -----END CERTIFICATE-----
        """

    /// Of the foreign node.
    static let foreignKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWAOpw+9Knm0lzKwP
        55sIZsIaCibNiZg7TTz2vf5doX+hRANCAAQglLmwE0CdMM10U3CKFtrwuN0MxsiR
        mFCML8ngeuaA0fC0GPkDPaicykALoyI5lnCMsLya0rBOFsJDenPA3Nwm
        -----END PRIVATE KEY-----
        """

    /// TLS of a node whose certificate these are, and which trusts that authority.
    static func tls(certificate: String = certificate, key: String = key, authority: String = authority) throws -> PeerTLS {
        let directory = FileManager.default.temporaryDirectory.appending(path: "kingbus-peer-tls-\(UInt64.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let paths = try [certificate, key, authority].enumerated().map { number, text in
            let file = directory.appending(path: "\(number).pem")
            try text.write(to: file, atomically: true, encoding: .utf8)
            return file.path
        }
        return try PeerTLS(certificate: paths[0], key: paths[1], authority: paths[2])
    }

    static func foreign() throws -> PeerTLS {
        try tls(certificate: foreignCertificate, key: foreignKey, authority: foreignAuthority)
    }
}
