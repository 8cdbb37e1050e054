internal import Foundation
import Kernel

extension Configuration {
    private static let providerPrefix = "KECHUANG_OIDC_"
    /// The longest secret that is read from a file, in bytes.
    private static let longestSecret = 4_096

    /// The identity provider of the environment: `KECHUANG_OIDC_ISSUER`, `_CLIENT`, `_SECRET` or `_SECRET_FILE`, and
    /// `_NAME_ZH` with `_NAME_EN`, what people call it.
    /// - Parameter site: scheme and host under which people reach the house.
    /// - Returns: nil where there is none, and all that is wrong.
    static func provider(
        _ environment: [String: String], site: String
    ) -> (settings: ProviderSettings?, faults: [Bilingual]) {
        func value(_ name: String) -> String? {
            environment[providerPrefix + name].flatMap { $0.isEmpty ? nil : $0 }
        }
        let names = ["ISSUER", "CLIENT", "SECRET", "SECRET_FILE", "NAME_ZH", "NAME_EN"]
        guard names.contains(where: { value($0) != nil }) else { return (nil, []) }
        var faults: [Bilingual] = []
        for name in ["ISSUER", "CLIENT"] where value(name) == nil {
            faults.append(
                Bilingual("缺少 \(providerPrefix)\(name)", "\(providerPrefix)\(name) is missing"))
        }
        if let issuer = value("ISSUER"), !ProviderSettings.isIssuer(issuer) {
            faults.append(
                Bilingual(
                    "KECHUANG_OIDC_ISSUER 须为 https:// 地址（本机可用 http://）",
                    "KECHUANG_OIDC_ISSUER is no https:// address (http:// on this machine alone)"))
        }
        if (value("NAME_ZH") == nil) != (value("NAME_EN") == nil) {
            faults.append(
                Bilingual(
                    "KECHUANG_OIDC_NAME_ZH 和 KECHUANG_OIDC_NAME_EN 须同时给出",
                    "KECHUANG_OIDC_NAME_ZH and KECHUANG_OIDC_NAME_EN belong together"))
        }
        let (secret, fault) = readSecret(value("SECRET"), file: value("SECRET_FILE"))
        if let fault { faults.append(fault) }
        guard faults.isEmpty, let issuer = value("ISSUER"), let client = value("CLIENT"), let secret else {
            return (nil, faults)
        }
        let name = Bilingual(value("NAME_ZH") ?? "统一身份认证", value("NAME_EN") ?? "single sign-on")
        return (ProviderSettings(issuer: issuer, client: client, secret: secret, name: name, site: site), [])
    }

    private static func readSecret(_ given: String?, file: String?) -> (secret: String?, fault: Bilingual?) {
        switch (given, file) {
        case (let secret?, nil): return (secret, nil)
        case (nil, let path?):
            guard let data = FileManager.default.contents(atPath: path), data.count <= longestSecret,
                let text = String(data: data, encoding: .utf8)?.trimmed, !text.isEmpty
            else {
                return (
                    nil,
                    Bilingual(
                        "KECHUANG_OIDC_SECRET_FILE“\(path)”无法读取或为空",
                        "KECHUANG_OIDC_SECRET_FILE '\(path)' cannot be read or is empty")
                )
            }
            return (text, nil)
        default:
            return (
                nil,
                Bilingual(
                    "KECHUANG_OIDC_SECRET 和 KECHUANG_OIDC_SECRET_FILE 须给出其一",
                    "give one of KECHUANG_OIDC_SECRET and KECHUANG_OIDC_SECRET_FILE")
            )
        }
    }
}
