import Judgement
import Kernel
import Store
internal import Synchronization

/// The sketches of all compared texts in memory, as far as they are kept in the database.
final class SketchMemory: Sendable {
    private struct State {
        var index = SketchIndex()
        var cases: [ID<CaseFile>] = []
        var through: Int64 = 0
    }

    private static let block = 5_000
    private let state = Mutex(State())

    /// How many sketches are known, those of older versions of a text among them.
    var count: Int { state.withLock { $0.index.count } }

    /// Takes in what was kept since the last time.
    func catchUp(_ tx: Tx) throws {
        while true {
            let through = state.withLock { $0.through }
            let rows = try tx.rows(
                "SELECT id, case_id, sketch FROM review_text WHERE id > \(through) ORDER BY id LIMIT \(SketchMemory.block)"
            ) {
                (id: try $0["id"] as Int64, item: try $0["case_id"] as ID<CaseFile>, sketch: try $0["sketch"] as String)
            }
            state.withLock { state in
                for row in rows where row.id > state.through {
                    state.through = row.id
                    guard let sketch = SketchText.read(row.sketch) else { continue }
                    state.index.add(sketch)
                    state.cases.append(row.item)
                }
            }
            if rows.count < SketchMemory.block { return }
        }
    }

    /// Cases whose texts may be near a sketch, those that share most bands first.
    func candidates(_ sketch: Sketch, except own: ID<CaseFile>, limit: Int) -> [ID<CaseFile>] {
        state.withLock { state in
            var seen: Set<ID<CaseFile>> = [own]
            return state.index.candidates(sketch).sorted { ($1.bands, $0.text) < ($0.bands, $1.text) }
                .map { state.cases[$0.text] }.filter { seen.insert($0).inserted }.prefix(limit).map(\.self)
        }
    }
}

/// A sketch in hexadecimal, eight letters a band.
enum SketchText {
    static func write(_ sketch: Sketch) -> String {
        sketch.values.map { value in
            let text = String(value, radix: 16)
            return String(repeating: "0", count: 8 - text.count) + text
        }.joined()
    }

    static func read(_ text: String) -> Sketch? {
        let bytes = Array(text.utf8)
        guard bytes.count.isMultiple(of: 8) else { return nil }
        var values: [UInt32] = []
        for start in stride(from: 0, to: bytes.count, by: 8) {
            guard let value = UInt32(String(decoding: bytes[start..<start + 8], as: UTF8.self), radix: 16) else {
                return nil
            }
            values.append(value)
        }
        return Sketch(values: values)
    }
}

/// Keeps sketches.
enum SketchStore {
    /// The hash of the text that a case's sketch stands for.
    static func hash(of id: ID<CaseFile>, _ tx: Tx) throws -> String? {
        try tx.value("SELECT hash FROM review_text WHERE case_id = \(id)")
    }

    /// Keeps the sketch of a text under a new number, so that every program that looks takes it in.
    static func keep(_ text: ComparedText, _ sketch: Sketch, at now: Instant, _ tx: Tx) throws {
        try tx.run("DELETE FROM review_text WHERE case_id = \(text.caseID)")
        // Numbers are given out one transaction after the other, so that a greater one is never seen before a smaller.
        let next = try NumberSeries.next("review.text", tx)
        try tx.run(
            """
            INSERT INTO review_text (id, case_id, kind, hash, sketch, read_at)
            VALUES (\(next), \(text.caseID), \(text.kind), \(digest(text.text)), \(SketchText.write(sketch)), \(now))
            """)
    }

    static func digest(_ text: String) -> String { Digest.hex(Digest.sha256(Array(text.utf8))) }
}
