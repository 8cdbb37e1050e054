import Kernel
import Ledger
import Store

/// Awards of other funders in the books: each is a commitment of its funder, in the budget year in which it begins.
enum ImportedAwards {
    /// Enters records; what stood in the books for an earlier content of the same number is taken back first.
    static func post(
        _ records: [ImportedRecord], of funder: String, replacing known: [String: String], _ entry: BookEntry, _ tx: Tx
    ) throws {
        let earlier = try Ledger.postings(
            keys: records.compactMap { record in known[record.number].map { key(funder, record.number, $0) } }, tx)
        var postings: [Posting] = []
        for record in records {
            if let hash = known[record.number], let old = earlier[key(funder, record.number, hash)] {
                postings.append(
                    Posting(
                        .reverse(old), on: entry.day, "更正 \(record.number) / corrected \(record.number)",
                        key: "import.back.\(old)",
                        origin: entry.origin))
            }
            guard let amount = record.amount, amount > .zero else { continue }
            let year = record.startsOn?.parts.year ?? entry.day.parts.year
            postings.append(
                Posting(
                    amount, from: .source(funder, year: year),
                    to: try LedgerAccount.project(.commitment, funder, year: year, record.number), on: entry.day,
                    "立项 \(record.number) / award \(record.number)",
                    key: key(funder, record.number, record.hash), origin: entry.origin))
        }
        for result in try Ledger.post(postings, tx) { _ = try result.get() }
    }

    private static func key(_ funder: String, _ number: String, _ hash: String) -> String {
        "import.\(funder).\(number).\(hash)"
    }
}
