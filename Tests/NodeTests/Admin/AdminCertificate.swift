/// A self-signed certificate for localhost with its key, valid for a hundred years; they protect nothing.
enum AdminCertificate {
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBlTCCATugAwIBAgIUJhMI/lJewtz/Su/F6xgisYT1XsIwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTAzMTA1M1oYDzIxMjYxMDI4
        MDMxMDUzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAT5d84RLK1ITiieovMX4DxQXIJqsgDzn/vwEAl+zX+8/OlJAoLZCged
        UlausKb3klQJW83s+KAn0Nje82WDATIeo2kwZzAdBgNVHQ4EFgQUow5VcCEVhfX5
        imyEEuH+fvPJGt0wHwYDVR0jBBgwFoAUow5VcCEVhfX5imyEEuH+fvPJGt0wDwYD
        VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
        SAAwRQIhALyL/HmqZCX1CalZ8L7KRU60hVxmzkH0ii6Z1DRdz5JxAiARy7FmgnYS
        M+Kyoc5LJ+ciOAIu6Mz+4zdPP5QO2r9gvg==
        -----END CERTIFICATE-----
        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg19IOx6/JAyhPgpVQ
        wRrtMlBYeMIFY/THpWjbsU7OlVmhRANCAAT5d84RLK1ITiieovMX4DxQXIJqsgDz
        n/vwEAl+zX+8/OlJAoLZCgedUlausKb3klQJW83s+KAn0Nje82WDATIe
        -----END PRIVATE KEY-----
        """

    /// Of another key.
    static let foreignCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBdjCCAR2gAwIBAgIUTGS0sA0XAqKJ3/t2cXS/2wW26w8wCgYIKoZIzj0EAwIw
        EDEOMAwGA1UEAwwFb3RoZXIwIBcNMjYxMTIxMDMxMDUzWhgPMjEyNjEwMjgwMzEw
        NTNaMBAxDjAMBgNVBAMMBW90aGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
        jyQT7L6f/ntWYPP4k/JcCP++wB/HcyTX9JqpnD4u473HYActwAZFg5YNVO9amI/u
        Rr4V+H/O/36LB8Ie4H9n76NTMFEwHQYDVR0OBBYEFN5/SSg4UCxi+RKNNkozh34s
        Ps3PMB8GA1UdIwQYMBaAFN5/SSg4UCxi+RKNNkozh34sPs3PMA8GA1UdEwEB/wQF
        MAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgRYv4IObGxRNvT1k6ZRXMa240O+kSPZJH
        dzS1+lhGjNECIEEwrix3Lr8uYWDuEdVpwhurzDlTkPjUf0fDIWSuKz2W
        -----END CERTIFICATE-----
        """
}
