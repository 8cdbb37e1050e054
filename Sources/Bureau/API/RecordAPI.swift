import Kernel
import Portal
import Proof
import Store

/// The record for programs of outsiders: checkpoints, proofs, keys, the whole log; and receipts for those concerned.
struct RecordAPI: Sendable {
    let house: House

    private typealias Parameter = APIDescription.Parameter
    private static let number: Schema = .integer(minimum: 0)

    var routes: [Route] { checkpoints + proofs + files }

    private var checkpoints: [Route] {
        let answer = Schema.named(
            "Checkpoint",
            .object(["size": Self.number, "root": .text(), "note": .text(), "madeAt": .integer()]))
        return [
            Route(
                "api.record.checkpoint", .get, "/api/v1/record/checkpoint", access: .everyone,
                summary: Bilingual("最新检查点", "The latest checkpoint"),
                api: APIDescription(tag: "record", answer: answer)
            ) { _ in
                guard let latest = try await house.db.read({ tx in try RecordStore.latest(tx) }) else {
                    throw RecordError.noCheckpoint
                }
                return .json(Shown(latest))
            },
            Route(
                "api.record.checkpoints", .get, "/api/v1/record/checkpoints", access: .everyone,
                summary: Bilingual("检查点列表", "Checkpoints"),
                api: APIDescription(tag: "record", query: Parameter.paging, answer: .listing(answer))
            ) { visit in
                let paging = try visit.paging(values: 1)
                let before = paging.after?.values[0].integer.map { Int($0) }
                let rows = try await house.db.read { tx in
                    try RecordStore.checkpoints(below: before, limit: paging.limit + 1, tx)
                }
                return .json(Listing(rows, paging, cursor: { Cursor([.integer(Int64($0.size))]) }, item: Shown.init))
            },
            Route(
                "api.record.checkpoints.show", .get, "/api/v1/record/checkpoints/{size}", access: .everyone,
                summary: Bilingual("某一条数的检查点", "The checkpoint of a size"),
                api: APIDescription(tag: "record", answer: answer)
            ) { visit in
                guard let size = Int(visit.path("size")),
                    let found = try await house.db.read({ tx in try RecordStore.checkpoint(of: size, tx) })
                else { throw RecordError.noCheckpoint }
                return .json(Shown(found))
            },
        ]
    }

    private var proofs: [Route] {
        [
            Route(
                "api.record.inclusion", .get, "/api/v1/record/inclusion", access: .everyone,
                summary: Bilingual("包含证明", "Proof that a leaf is in the record"),
                api: APIDescription(
                    tag: "record",
                    query: [
                        Parameter(
                            "index", Bilingual("条目序号，从 0 起", "Leaf, from 0"), schema: Self.number, required: true),
                        Parameter("size", Bilingual("检查点条数", "Leaves of the checkpoint"), schema: Self.number),
                    ],
                    answer: .object([
                        "index": Self.number, "size": Self.number, "leaf": .any, "leafHash": .text(), "root": .text(),
                        "path": .array(.text()),
                    ])), handler: inclusion),
            Route(
                "api.record.consistency", .get, "/api/v1/record/consistency", access: .everyone,
                summary: Bilingual("一致性证明", "Proof that the record only grew"),
                api: APIDescription(
                    tag: "record",
                    query: [
                        Parameter("from", Bilingual("较早的条数", "The earlier size"), schema: Self.number, required: true),
                        Parameter("to", Bilingual("较晚的条数", "The later size"), schema: Self.number, required: true),
                    ],
                    answer: .object([
                        "from": Self.number, "to": Self.number, "fromRoot": .text(), "toRoot": .text(),
                        "path": .array(.text()),
                    ])), handler: consistency),
        ]
    }

    private var files: [Route] {
        [
            Route(
                "api.record.keys", .get, "/api/v1/record/keys", access: .everyone,
                summary: Bilingual("公钥", "Public keys"), api: APIDescription(tag: "record", answer: .any)
            ) { _ in .json(try await house.db.read { tx in try RecordStore.published(tx).json }) },
            Route(
                "api.record.log", .get, "/api/v1/record/log", access: .everyone,
                summary: Bilingual("导出整个日志", "The whole log"),
                api: APIDescription(
                    tag: "record",
                    query: [Parameter("from", Bilingual("从第几条起", "The first leaf"), schema: Self.number)],
                    file: "application/x-ndjson")
            ) { visit in
                let from = try Self.number(visit, "from") ?? 0
                return RecordExport.answer(house, from: from)
            },
            Route(
                "api.record.conflicts", .get, "/api/v1/record/conflicts", access: .everyone,
                summary: Bilingual("互相矛盾的检查点", "Checkpoints that disagree"),
                api: APIDescription(tag: "record", answer: .array(.any))
            ) { _ in
                .json(
                    try await house.db.read { tx in
                        try RecordStore.conflicts(tx).map { conflict -> JSONValue in
                            [
                                "size": .integer(Int64(conflict.size)), "ours": .string(conflict.ours),
                                "theirs": .string(conflict.theirs),
                                "foundAt": .integer(conflict.foundAt.microseconds),
                            ]
                        }
                    })
            },
            Route(
                "api.receipts.show", .get, "/api/v1/receipts/{id}", access: .signedIn,
                summary: Bilingual("存证回执", "The receipt of an event"),
                api: APIDescription(tag: "record", scope: "cases:read", answer: .any)
            ) { visit in .json(try await ReceiptPages(house: house).find(visit).receipt.json) },
        ]
    }

    private struct Shown: Encodable, Sendable {
        let size: Int
        let root: String
        let note: String
        let madeAt: Instant

        init(_ checkpoint: StoredCheckpoint) {
            size = checkpoint.size
            root = checkpoint.root.base64
            note = checkpoint.note
            madeAt = checkpoint.madeAt
        }
    }

    /// A number of the query; nil where it is absent.
    private static func number(_ visit: Visit, _ name: String) throws -> Int? {
        guard let text = visit.query(name) else { return nil }
        guard let number = Int(text), number >= 0 else {
            let message = Bilingual("须为不小于 0 的整数", "must be a whole number from 0 on")
            throw PlainProblem(
                .invalid, "record.number", Bilingual("\(name) \(message.zh)。", "\(name) \(message.en)."),
                fields: [FieldProblem(field: name, code: "record.number", message: message)])
        }
        return number
    }

    private static func required(_ visit: Visit, _ name: String) throws -> Int {
        guard let number = try number(visit, name) else {
            throw PlainProblem(
                .invalid, "record.number", Bilingual("请给出 \(name)。", "Give \(name)."),
                fields: [
                    FieldProblem(field: name, code: "field.required", message: Bilingual("必填", "is required"))
                ])
        }
        return number
    }

    private func inclusion(_ visit: Visit) async throws -> Answer {
        let index = try Self.required(visit, "index")
        let wanted = try Self.number(visit, "size")
        return .json(
            try await house.db.read { tx -> JSONValue in
                guard let size = try wanted ?? RecordStore.latest(tx)?.size else { throw RecordError.noCheckpoint }
                let path = try Record.inclusion(of: index, in: size, tx)
                guard let leaf = try Record.leaf(at: index, tx) else { throw RecordError.beyondEnd(size) }
                return [
                    "index": .integer(Int64(index)), "size": .integer(Int64(size)),
                    "leaf": try JSONValue(parsing: leaf.text, fractions: true), "leafHash": .string(leaf.hash.base64),
                    "root": .string(try Record.root(of: size, tx).base64),
                    "path": .array(path.map { .string($0.base64) }),
                ]
            })
    }

    private func consistency(_ visit: Visit) async throws -> Answer {
        let (old, new) = (try Self.required(visit, "from"), try Self.required(visit, "to"))
        return .json(
            try await house.db.read { tx -> JSONValue in
                let path = try Record.consistency(from: old, to: new, tx)
                return [
                    "from": .integer(Int64(old)), "to": .integer(Int64(new)),
                    "fromRoot": .string(try Record.root(of: old, tx).base64),
                    "toRoot": .string(try Record.root(of: new, tx).base64),
                    "path": .array(path.map { .string($0.base64) }),
                ]
            })
    }
}

/// The exported log as an answer of any length.
enum RecordExport {
    static func answer(_ house: House, from start: Int = 0) -> Answer {
        let db = house.db
        return .stream(type: "application/x-ndjson", name: "record.jsonl") { writer in
            var pending = writer
            try await LogExport.write(db, from: start) { lines in try await pending.write(lines) }
            writer = pending
        }
    }
}
