import Kernel
import Portal
import Proof
import Store

/// Receipts: the proof that a step of a case stands in the record, as page, PDF and file.
struct ReceiptPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "receipts.show", .get, "/receipts/{id}", access: .signedIn, summary: Bilingual("存证回执", "A receipt"),
                handler: show),
            Route(
                "receipts.file", .get, "/receipts/{id}/file", access: .signedIn,
                summary: Bilingual("存证回执文件", "A receipt as a file"), handler: file),
            Route(
                "receipts.pdf", .get, "/receipts/{id}/pdf", access: .signedIn,
                summary: Bilingual("存证回执 PDF", "A receipt as PDF"), handler: pdf),
        ]
    }

    /// A receipt with what the page says about it.
    struct Found: Sendable {
        let receipt: Receipt
        let event: StoredEvent
        let number: String
        let title: Bilingual
    }

    /// The receipt of an event, for whoever may see its case. What the event says is shown to the bureau and to the one
    /// who did it; the others get the proof that it happened, and when.
    /// - Throws: ``RecordError/unknownEvent``, ``RecordError/waiting``.
    func find(_ visit: Visit) async throws -> Found {
        let id: ID<StoredEvent> = try visit.id("id")
        let actor = visit.actor
        let procedures = house.procedures
        return try await house.db.read { tx in
            let found = try Record.event(id.text, tx)
            // Asked of what is not there as well, so that the time tells no more than the answer.
            let file = try CaseStore.find(found?.caseID ?? ID(""), tx)
            guard let event = found else { throw RecordError.unknownEvent }
            let own = event.actor != nil && event.actor == actor.account?.text
            let sees = file.map { house.procedures.maySee(actor, $0) } ?? (own || Policy.may(actor, .readRecord))
            guard sees else { throw RecordError.unknownEvent }
            let isStaff = !actor.roles.isDisjoint(with: [.officer, .leader, .auditor, .treasurer])
            let shows = own || isStaff || Self.shownToAll.contains(event.kind)
            let names =
                try file.map { try procedures.definition(of: $0).steps.flatMap(\.actions) } ?? []
            let action = names.first { "case.\($0.id)" == event.kind }?.done
            return Found(
                receipt: try Receipt.make(id.text, showsContent: shows, tx), event: event,
                number: file?.number ?? "", title: action ?? EventNames.name(event.kind))
        }
    }

    /// Kinds whose content everybody who sees the case knows already: the hash of what was filed, of a letter.
    private static let shownToAll: Set<String> = ["application.frozen", "letter.written"]

    private func show(_ visit: Visit) async throws -> Answer {
        let found = try await find(visit)
        let t = visit.say
        let id = found.event.id
        let body: HTML = """
            \(ReceiptBlock.html(found, house, t))<p class="buttons">\(Parts.button(t("下载回执文件", "Download the file"), to: "/receipts/\(id)/file"))\
            \(Parts.button(t("下载 PDF", "Download the PDF"), to: "/receipts/\(id)/pdf", .secondary))</p>\
            <p class="hint">\(t("核对：kechuang verify receipt 文件 --keys 公钥。说明见", "To check it: kechuang verify receipt FILE --keys KEYS. See")) <a href="/record">\(t("存证日志", "the record"))</a></p>
            """
        let trail = found.event.caseID.map { [Crumb(Bilingual("办件", "Case"), "/cases/\($0)")] } ?? []
        return .page(Page(title: Bilingual("存证回执", "A receipt"), trail: trail, body: body))
    }

    private func file(_ visit: Visit) async throws -> Answer {
        let found = try await find(visit)
        return .bytes(
            found.receipt.json.canonicalBytes, type: "application/json", name: "receipt-\(found.receipt.index).json")
    }

    private func pdf(_ visit: Visit) async throws -> Answer {
        let found = try await find(visit)
        let path = "\(house.files.spool)/receipt-\(visit.requestID).pdf"
        let both = HTML(each: [Say(.chinese), Say(.english)]) { ReceiptBlock.html(found, house, $0) }
        try await PDF.render(LetterPage.document(title: "receipt \(found.receipt.index)", both), to: path)
        return .bytes(
            try FileStore.take(path), type: "application/pdf", name: "receipt-\(found.receipt.index).pdf")
    }
}

/// The part of a page or a letter that says where something stands in the record.
enum ReceiptBlock {
    static func html(_ found: ReceiptPages.Found, _ house: House, _ t: Say) -> HTML {
        let facts: [(String, HTML)] =
            [
                (t("事项", "What"), HTML(text: t(found.title))), (t("办件编号", "Case"), HTML(text: found.number)),
                (t("时间", "When"), HTML(text: house.city.zone.clockText(found.event.at))),
            ] + content(found, t)
        return """
            <article class="letter"><h1>\(t("存证回执", "Receipt"))</h1>\(Parts.facts(facts))\(place(found.receipt, house, t))</article>
            """
    }

    /// The hash that the event was about, where the holder may know it.
    private static func content(_ found: ReceiptPages.Found, _ t: Say) -> [(String, HTML)] {
        guard let content = found.receipt.content else { return [] }
        let hash = content["hash"]?.string ?? Digest.hex(Digest.sha256(content.canonicalBytes))
        return [(t("内容摘要（SHA-256）", "Content digest (SHA-256)"), "<code>\(hash)</code>")]
    }

    /// Leaf, checkpoint and the code that leads to them.
    static func place(_ receipt: Receipt, _ house: House, _ t: Say) -> HTML {
        let address = "\(house.site)/record/leaf?index=\(receipt.index)&hash=\(receipt.leafHash)"
        let code = QRCode.svg(address).map(HTML.raw(unchecked:)) ?? .empty
        return """
            <div class="stamp">\(code)<p>\(t("存证日志第 \(receipt.index) 条", "Leaf \(receipt.index) of the record")) <code>\(receipt.leafHash)</code><br>\
            \(t("在 \(receipt.size) 条的检查点之内", "under the checkpoint of \(counted(receipt.size, "leaf", "leaves"))"))<br>\
            <span class="hint">\(t("在 \(house.site)/record 核对。", "Check it at \(house.site)/record."))</span></p></div>
            """
    }
}
