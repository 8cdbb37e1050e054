import Foundation
import Kernel

/// A file of the house itself: style, script, picture.
public struct Asset: Sendable {
    /// File name, e.g. `portal.css`.
    public let name: String
    public let type: String
    public let bytes: [UInt8]

    /// - Parameter type: the media type; nil takes it from the name's ending.
    public init(name: String, type: String? = nil, bytes: [UInt8]) {
        self.name = name
        self.type = type ?? Asset.type(of: name)
        self.bytes = bytes
    }

    private static let types: [String: String] = [
        "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
        "png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "ico": "image/x-icon",
        "txt": "text/plain; charset=utf-8", "webmanifest": "application/manifest+json",
    ]

    static func type(of name: String) -> String {
        let ending = name.utf8.split(separator: UInt8(ascii: ".")).last.map { String(Substring($0)) } ?? ""
        return types[ending] ?? "application/octet-stream"
    }
}

/// The static files, held in memory under addresses that carry the hash of their content: a browser keeps them for
/// ever, and a new version has a new address. Nothing is read from the disk while requests are answered.
public struct Assets: Sendable {
    private let files: [String: (asset: Asset, etag: String)]
    private let addresses: [String: String]

    /// Files with well-known addresses at the root of the site.
    private static let wellKnown: Set<String> = ["robots.txt", "favicon.ico", "favicon.svg"]

    public init(_ assets: [Asset]) {
        var files: [String: (asset: Asset, etag: String)] = [:]
        var addresses: [String: String] = [:]
        for asset in [Assets.robots] + assets {
            let hash = String(Digest.hex(Digest.sha256(asset.bytes)).prefix(16))
            let address = Assets.wellKnown.contains(asset.name) ? "/\(asset.name)" : "/assets/\(hash)/\(asset.name)"
            if let old = addresses[asset.name] { files[old] = nil }
            files[address] = (asset, "\"\(hash)\"")
            addresses[asset.name] = address
        }
        self.files = files
        self.addresses = addresses
    }

    /// Reads the regular files that stand directly in a folder.
    /// - Throws: a file error naming what cannot be read.
    public init(folder: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        self.init(
            try names.filter { !$0.hasPrefix(".") }.map { name in
                let url = URL(fileURLWithPath: folder).appendingPathComponent(name)
                return Asset(name: name, bytes: Array(try Data(contentsOf: url)))
            })
    }

    /// The address to link to; nil for a name that is not there.
    public func address(_ name: String) -> String? { addresses[name] }

    /// The answer for a path that names an asset; nil for every other path, and for what another version has.
    /// - Parameter any: whether what there is now is better than nothing for a page of another version. A proxy says so
    ///   that has asked all processes: in an upgrade the last one that had it may be gone.
    func answer(_ path: String, any: Bool = false) -> Answer? {
        guard let (asset, etag) = files[path] else { return any ? ofOtherVersion(path) : nil }
        let answer = Answer.bytes(asset.bytes, type: asset.type)
        return path.hasPrefix("/assets/") ? answer.cachedForever(etag: etag) : answer.cached(seconds: 86_400)
    }

    /// Asked for anew each time, since the address belongs to other content.
    private func ofOtherVersion(_ path: String) -> Answer? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[1] == "assets", parts[2].utf8.count == 16,
            let (asset, _) = addresses[String(parts[3])].flatMap({ files[$0] })
        else { return nil }
        return .bytes(asset.bytes, type: asset.type)
    }

    private static let robots = Asset(
        name: "robots.txt", bytes: Array("User-agent: *\nDisallow: /api/\nDisallow: /work/\n".utf8))
}
