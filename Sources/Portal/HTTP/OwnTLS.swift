import HummingbirdCore

#if TLS
    import HummingbirdTLS
    import NIOSSL

    /// TLS 1.2 and later, where the house was built with the trait `TLS`.
    enum OwnTLS {
        static let isBuiltIn = true

        /// - Throws: ``WebServiceProblem`` where the files of the certificate cannot be used.
        static func over(
            _ plain: HTTPServerBuilder, _ files: WebSettings.Certificate, _ settings: WebSettings
        ) throws -> HTTPServerBuilder {
            do {
                let chain = try NIOSSLCertificate.fromPEMFile(files.chain)
                let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
                var tls = TLSConfiguration.makeServerConfiguration(
                    certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
                tls.minimumTLSVersion = .tlsv12
                return try .tls(plain, tlsConfiguration: tls)
            } catch {
                throw WebServiceProblem(settings, certificate: "\(files.chain), \(files.key): \(error)")
            }
        }
    }
#else
    /// A house that was built without the trait `TLS` speaks plain HTTP only.
    enum OwnTLS {
        static let isBuiltIn = false

        static func over(
            _ plain: HTTPServerBuilder, _ files: WebSettings.Certificate, _ settings: WebSettings
        ) throws -> HTTPServerBuilder {
            throw WebServiceProblem(settings, certificate: "\(files.chain): built without TLS")
        }
    }
#endif
