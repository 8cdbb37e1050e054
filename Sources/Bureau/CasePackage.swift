import Kernel
import Store

/// A closed file as one package: what was filled in, what happened, what was sent, and every attachment.
enum CasePackage {
    static func entries(
        _ id: ID<CaseFile>, for actor: Actor, _ house: House
    ) async throws -> (
        number: String, files: [(name: String, bytes: [UInt8])]
    ) {
        let procedures = house.procedures
        let found = try await house.db.read { tx in
            let file = try CaseStore.require(id, tx)
            guard procedures.maySee(actor, file) else { throw ProcedureError.unknownCase }
            let ids = [id] + (try CaseStore.children(of: id, tx).map(\.id)) + [file.parent].compactMap(\.self)
            let parts = try ids.compactMap { part -> Part? in
                let own = try CaseStore.require(part, tx)
                guard procedures.maySee(actor, own) else { return nil }
                let events = try Record.events(of: part, tx)
                return Part(
                    file: own, answers: try ShownAnswers.of(own, to: actor, house, tx),
                    clocks: try CaseStore.clocks(part, tx), events: events,
                    receipts: try events.compactMap { try Receipt.ready($0.id, showsContent: true, tx) },
                    letters: try Letters.list(of: part, tx),
                    documents: procedures.maySeeFiles(actor, own) ? try DocumentStore.list(of: part, tx) : [])
            }
            return (file.number, parts, try RecordStore.published(tx).json)
        }
        var entries: [(name: String, bytes: [UInt8])] = [("record-keys.json", found.2.canonicalBytes)]
        for part in found.1 {
            let folder = part.file.number
            entries.append(("\(folder)/case.json", try JSONValue(encoding: part.file).canonicalBytes))
            entries.append(("\(folder)/answers.json", part.answers.canonicalBytes))
            entries.append(("\(folder)/clocks.json", try JSONValue(encoding: part.clocks).canonicalBytes))
            entries.append(("\(folder)/events.json", try JSONValue(encoding: part.events).canonicalBytes))
            for receipt in part.receipts {
                entries.append(("\(folder)/receipts/\(padded(receipt.index, 9)).json", receipt.json.canonicalBytes))
            }
            for letter in part.letters {
                let receipt = part.receipts.first {
                    $0.what["subjectKind"] == "letter" && $0.what["subject"]?.string == letter.id.text
                }
                let html = LetterPage.document(letter, receipt, house)
                entries.append(("\(folder)/letters/\(letter.number).html", Array(html.utf8)))
            }
            for (index, document) in part.documents.enumerated() {
                let name = "\(folder)/files/\(padded(index + 1, 2))-\(document.name)"
                // Sensitive papers leave the house only one by one, with a reason that is logged.
                guard !document.isSealed else {
                    entries.append(("\(name).sealed.txt", Array("sha256 \(document.hash)\n".utf8)))
                    continue
                }
                entries.append((name, try house.files.bytes(of: document.hash)))
            }
        }
        return (found.0, entries)
    }

    private struct Part: Sendable {
        let file: CaseFile
        let answers: JSONValue
        let clocks: [CaseClock]
        let events: [StoredEvent]
        /// Of those events that a checkpoint covers.
        let receipts: [Receipt]
        let letters: [Letter]
        let documents: [Document]
    }
}
