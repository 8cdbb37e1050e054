import Judgement
public import Kernel
public import Store

/// Finds texts that have much in common: one against all when it comes in, all against all in batch. A pair is a
/// question to the divisions concerned and never decides anything; see docs/duplicates.md.
public struct Duplicates: Sendable {
    /// Texts with which a new one is compared exactly, at most.
    static let mostCandidates = 50
    /// The kind under which pairs are asked.
    public static let kind = "text.similar"
    static let batchMark = "review.duplicates.batch"

    let db: Database
    let clock: any Clock
    let source: any ComparedTexts
    let memory = SketchMemory()

    public init(db: Database, clock: any Clock, source: any ComparedTexts) {
        self.db = db
        self.clock = clock
        self.source = source
    }

    /// Puts a case on the list of those that are to be compared; done where a text is handed in.
    public static func want(_ id: ID<CaseFile>, at now: Instant, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO review_text_queue (case_id, queued_at) VALUES (\(id), \(now)) ON CONFLICT (case_id) DO NOTHING
            """)
    }

    /// Compares what waits.
    /// - Parameter most: how many at most.
    /// - Returns: how many pairs are new.
    @discardableResult
    public func tend(most: Int = 200) async throws -> Int {
        let waiting = try await db.read { tx in
            try tx.rows("SELECT case_id FROM review_text_queue ORDER BY queued_at, case_id LIMIT \(most)") {
                try $0["case_id"] as ID<CaseFile>
            }
        }
        var found = 0
        for id in waiting { found += try await compare(id) }
        if try await db.read({ tx in try Settings.get(Duplicates.batchMark, tx) ?? "" }) == "wanted" {
            try await batch()
        }
        return found
    }

    /// Asks for a run over all texts; the house does it with its next round of jobs.
    public static func wantBatch(_ tx: Tx) throws { try Settings.set(batchMark, "wanted", tx) }

    /// Compares one text with all that came before, and keeps its sketch.
    /// - Returns: how many pairs are new.
    @discardableResult
    public func compare(_ id: ID<CaseFile>) async throws -> Int {
        let now = clock.now()
        let (own, known) = try await db.read { tx in
            (try source.texts([id], tx).first, try SketchStore.hash(of: id, tx))
        }
        guard let own, known != SketchStore.digest(own.text) else {
            try await db.write { tx in try tx.run("DELETE FROM review_text_queue WHERE case_id = \(id)") }
            return 0
        }
        var sketcher = Sketcher()
        let sketch = sketcher.sketch(own.text)
        let others = try await db.read { tx -> [ComparedText] in
            try memory.catchUp(tx)
            let near = memory.candidates(sketch, except: id, limit: Duplicates.mostCandidates)
            return try source.texts(near, tx)
        }
        let pairs = Duplicates.pairs(of: own, with: others)
        return try await db.write { tx in
            try tx.run("DELETE FROM review_text_queue WHERE case_id = \(id)")
            if !own.text.isEmpty { try SketchStore.keep(own, sketch, at: now, tx) }
            let new = try pairs.reduce(0) { try $0 + ask($1, at: now, tx) }
            if new > 0 { try source.found(new, of: own, at: now, tx) }
            return new
        }
    }

    /// A pair as it was found.
    struct Pair: Hashable, Sendable {
        /// The one that came in later.
        let newer: ComparedText
        let older: ComparedText
        /// In thousandths.
        let similarity: Int
        let containment: Int
        /// Tokens of the longest passage, and of all of them.
        let longest: Int
        let tokens: Int
    }

    /// The pairs that a text makes with others, compared exactly.
    static func pairs(of own: ComparedText, with others: [ComparedText]) -> [Pair] {
        let others = others.filter { $0.family != own.family && $0.caseID != own.caseID }
        guard !others.isEmpty else { return [] }
        var finder = DuplicateFinder([own.text] + others.map(\.text))
        return finder.run().pairs.filter { $0.left == 0 }.map { pair($0, own, others[$0.right - 1]) }
    }

    private static func pair(_ found: DuplicatePair, _ one: ComparedText, _ two: ComparedText) -> Pair {
        // Identities grow with time, so the greater one came later.
        let isOneNewer = one.caseID.text > two.caseID.text
        return Pair(
            newer: isOneNewer ? one : two, older: isOneNewer ? two : one,
            similarity: Int((found.similarity * 1_000).rounded()),
            containment: Int((found.containment * 1_000).rounded()),
            longest: found.passages.map(\.tokens).max() ?? 0, tokens: found.passages.map(\.tokens).reduce(0, +))
    }

    private func ask(_ pair: Pair, at now: Instant, _ tx: Tx) throws -> Int {
        let draft = QuestionDraft(
            Duplicates.kind, "\(pair.older.caseID)|\(pair.newer.caseID)",
            Bilingual(
                "\(pair.newer.number) 与 \(pair.older.number) 相似度 \(pair.similarity / 10)%，最长连续相同 \(pair.longest) 字",
                "\(pair.newer.number) and \(pair.older.number) are \(pair.similarity / 10) % alike, \(counted(pair.longest, "token")) in a row"
            ),
            figures: [
                "similarity": .integer(Int64(pair.similarity)), "containment": .integer(Int64(pair.containment)),
                "longest": .integer(Int64(pair.longest)), "tokens": .integer(Int64(pair.tokens)),
                "newer": .string(pair.newer.number), "older": .string(pair.older.number),
                "newerKind": .string(pair.newer.kind), "olderKind": .string(pair.older.kind),
            ])
        return try Questions.ask(
            [draft], .duplicates, subject: pair.newer.caseID.text, other: pair.older.caseID.text,
            division: pair.newer.division, otherDivision: pair.older.division, at: now, tx)
    }

    /// Compares all texts with all, pasted passages too; the memory grows with the texts.
    /// - Returns: how many texts there are, how many pairs, and how many of them are new.
    @discardableResult
    public func batch() async throws -> (texts: Int, pairs: Int, new: Int) {
        let texts = try await everything()
        var finder = DuplicateFinder(texts.map(\.text))
        let pairs = finder.run().pairs.filter { texts[$0.left].family != texts[$0.right].family }.map {
            Duplicates.pair($0, texts[$0.left], texts[$0.right])
        }
        let now = clock.now()
        try await keepSketches(texts, at: now)
        var new = 0
        for part in pairs.blocks(of: 200) {
            new += try await db.write { tx in
                var found: [ID<CaseFile>: (text: ComparedText, count: Int)] = [:]
                var sum = 0
                for pair in part where try ask(pair, at: now, tx) > 0 {
                    found[pair.newer.caseID] = (pair.newer, (found[pair.newer.caseID]?.count ?? 0) + 1)
                    sum += 1
                }
                for one in found.values { try source.found(one.count, of: one.text, at: now, tx) }
                return sum
            }
        }
        try await db.write { tx in try Settings.set(Duplicates.batchMark, "done \(now.microseconds)", tx) }
        return (texts.count, pairs.count, new)
    }

    private func everything() async throws -> [ComparedText] {
        var texts: [ComparedText] = []
        var last: ID<CaseFile>?
        while true {
            let after = last
            let part = try await db.read { tx -> (ids: [ID<CaseFile>], texts: [ComparedText]) in
                let ids = try source.all(after: after, limit: 500, tx)
                return (ids, try source.texts(ids, tx))
            }
            texts += part.texts.filter { !$0.text.isEmpty }
            guard part.ids.count == 500, let end = part.ids.last else { return texts }
            last = end
        }
    }

    private func keepSketches(_ texts: [ComparedText], at now: Instant) async throws {
        for part in texts.blocks(of: 200) {
            try await db.write { tx in
                var sketcher = Sketcher()
                for text in part where try SketchStore.hash(of: text.caseID, tx) != SketchStore.digest(text.text) {
                    try SketchStore.keep(text, sketcher.sketch(text.text), at: now, tx)
                }
                try tx.run("DELETE FROM review_text_queue WHERE case_id IN \(list: part.map(\.caseID))")
            }
        }
    }
}

/// Two texts side by side, cut where they agree.
public struct SideBySide: Sendable {
    /// A stretch of a text; the passage's number where both have it, counted from 1.
    public struct Piece: Hashable, Sendable {
        public let text: String
        public let passage: Int?
    }

    public let left: [Piece]
    public let right: [Piece]
    /// In thousandths.
    public let similarity: Int

    /// Compares two texts exactly.
    public init(_ left: String, _ right: String) {
        var finder = DuplicateFinder([left, right], DuplicateOptions(threshold: 0, pasted: 1))
        let pair = finder.run().pairs.first
        similarity = Int(((pair?.similarity ?? 0) * 1_000).rounded())
        let passages = pair?.passages ?? []
        self.left = SideBySide.cut(left, passages.enumerated().map { ($1.left, $0 + 1) })
        self.right = SideBySide.cut(right, passages.enumerated().map { ($1.right, $0 + 1) })
    }

    private static func cut(_ text: String, _ marks: [(range: Range<Int>, passage: Int)]) -> [Piece] {
        let scalars = Array(text.unicodeScalars)
        func string(_ range: Range<Int>) -> String {
            String(String.UnicodeScalarView(scalars[range.clamped(to: 0..<scalars.count)]))
        }
        var pieces: [Piece] = []
        var at = 0
        for mark in marks.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            if at < mark.range.lowerBound {
                pieces.append(Piece(text: string(at..<mark.range.lowerBound), passage: nil))
            }
            pieces.append(Piece(text: string(mark.range), passage: mark.passage))
            at = mark.range.upperBound
        }
        if at < scalars.count { pieces.append(Piece(text: string(at..<scalars.count), passage: nil)) }
        return pieces
    }
}
