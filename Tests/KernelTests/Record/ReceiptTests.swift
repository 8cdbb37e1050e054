import Foundation
import Proof
import Store
import StoreTestSupport
import Testing

@testable import Kernel

@Suite("Receipts and notices")
struct ReceiptTests {
    private func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? LogFault)?.code ?? "\(error)"
        }
    }

    @Test(
        "A receipt proves its event with public keys alone, and shows the content only to who may know it",
        arguments: TestStore.engines)
    func holds(engine: Engine) async throws {
        let house = try await RecordHouse(engine)
        let ids = try await house.append(9, caseID: ID("case-1"))
        await #expect(throws: RecordError.waiting) {
            try await house.db.read { tx in try Receipt.make(ids[3], showsContent: true, tx) }
        }
        await #expect(throws: RecordError.unknownEvent) {
            try await house.db.read { tx in try Receipt.make("none", showsContent: true, tx) }
        }
        try await house.keeper.sign()
        let keys = try await house.keys()
        for id in ids {
            let (full, bare) = try await house.db.read { tx in
                (try Receipt.make(id, showsContent: true, tx), try Receipt.make(id, showsContent: false, tx))
            }
            let checked = try Receipt(checking: try JSONValue(parsing: full.json.canonicalText), keys: keys)
            #expect(checked.content?["secret"] == "沉默的内容" && checked.what["id"]?.string == id)
            #expect(checked.index == full.index && checked.size == 10)
            #expect(bare.content == nil)
            #expect(try Receipt(checking: bare.json, keys: keys).what == full.what)
            // Public leaves are public; of the others nothing shows.
            let isPublic = bare.json["leaf"]?["text"]?["event"] != nil
            #expect(bare.json.canonicalText.contains("沉默") == isPublic)
            #expect(!full.json.canonicalText.contains("\"actor\""))
        }
    }

    @Test("Every forged receipt is found: no member can be changed", arguments: TestStore.engines)
    func forged(engine: Engine) async throws {
        let house = try await RecordHouse(engine)
        let ids = try await house.append(9)
        try await house.keeper.sign()
        let keys = try await house.keys()
        let json = try await house.db.read { tx in try Receipt.make(ids[4], showsContent: true, tx).json }
        var changes = 0
        for (path, changed) in Self.changes(of: json) {
            #expect(code { _ = try Receipt(checking: changed, keys: keys) } != nil, "\(path)")
            changes += 1
        }
        #expect(changes > 15)
        // Another event's leaf and path under these parts.
        let other = try await house.db.read { tx in try Receipt.make(ids[6], showsContent: true, tx).json }
        var mixed = json.object ?? [:]
        mixed["leaf"] = other["leaf"]
        mixed["path"] = other["path"]
        #expect(code { _ = try Receipt(checking: .object(mixed), keys: keys) } == "receipt.changed")
        // A value that nothing is hashed of, with the true digest beside it.
        for part in ["what", "content"] {
            let honest = json["parts"]?[part] ?? .null
            let bytes = honest["key"]?.string.flatMap(Hex.bytes)
            let digest = SealedEvent.digest(honest["value"] ?? .null, key: try #require(bytes))
            let members: [String: JSONValue] = ["value": ["secret": "别的内容"], "digest": .string(digest)]
            for key: [String: JSONValue] in [[:], ["key": "no key"], ["key": .null]] {
                let trick = members.merging(key) { _, new in new }
                var parts = json["parts"]?.object ?? [:]
                parts[part] = .object(trick)
                var forged = json.object ?? [:]
                forged["parts"] = .object(parts)
                #expect(code { _ = try Receipt(checking: .object(forged), keys: keys) } == "receipt.changed", "\(part)")
            }
        }
        // Signed by nobody we know.
        let strangers = LogKeys(
            origin: keys.origin,
            keys: [.init(key: try NoteSigner(name: keys.origin, seed: Array(0..<32)).verifier, until: nil)])
        #expect(code { _ = try Receipt(checking: json, keys: strangers) } == "checkpoint.unknown-key")
        #expect(code { _ = try Receipt(checking: ["format": "x"], keys: keys) } == "receipt.form")
    }

    /// The value with one text or number in it changed, for every one of them.
    static func changes(of value: JSONValue, at path: String = "") -> [(String, JSONValue)] {
        switch value {
        case .string(let text):
            // The first letter is turned into another of the same alphabet.
            guard let first = text.first else { return [(path, "x")] }
            return [(path, .string((first == "a" ? "b" : "a") + text.dropFirst()))]
        case .integer(let number): return [(path, .integer(number + 1))]
        case .bool(let flag): return [(path, .bool(!flag))]
        case .decimal: return [(path, "x")]
        case .null: return [(path, "x")]
        case .array(let elements):
            return elements.indices.flatMap { index in
                changes(of: elements[index], at: "\(path)[\(index)]").map { path, changed in
                    var all = elements
                    all[index] = changed
                    return (path, .array(all))
                }
            }
        case .object(let members):
            return members.keys.sorted().flatMap { name in
                changes(of: members[name] ?? .null, at: "\(path).\(name)").map { path, changed in
                    var all = members
                    all[name] = changed
                    return (path, .object(all))
                }
            }
        }
    }
}
