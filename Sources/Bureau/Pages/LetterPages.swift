import Kernel
import Portal
import Store

/// Letters as people read and print them.
enum LetterPage {
    /// The letter inside a page of the portal.
    /// - Parameter receipt: that the letter stands in the record; nil while it is being entered.
    static func html(_ letter: Letter, _ receipt: Receipt?, _ house: House, _ t: Say) -> HTML {
        let code = QRCode.svg("\(house.site)/verify?code=\(letter.checkCode)").map(HTML.raw(unchecked:)) ?? .empty
        return """
            <article class="letter"><h1>\(t(letter.title))</h1><p class="hint">\(letter.number) · \(house.city.zone.clockText(letter.writtenAt))</p>\
            \(Parts.paragraphs(t(letter.body)))<p>\(t(house.city.bureau))</p><div class="stamp">\(code)<p>\(t("验证码", "Check code")) <strong>\(letter.checkCode)</strong><br>\
            <span class="hint">\(t("在 \(house.site)/verify 核对本函。", "Check this letter at \(house.site)/verify."))</span></p></div>\
            \(with: receipt, { ReceiptBlock.place($0, house, t) })</article>
            """
    }

    /// The letter as a document of its own, in both languages, for print and archives.
    static func document(_ letter: Letter, _ receipt: Receipt?, _ house: House) -> String {
        document(title: letter.number, HTML(each: [Say(.chinese), Say(.english)]) { html(letter, receipt, house, $0) })
    }

    /// Articles as a document of their own.
    static func document(title: String, _ both: HTML) -> String {
        let page: HTML = """
            <!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>\(title)</title><style>\
            @page { size: A4; margin: 25mm 22mm } body { font: 11pt/1.7 "Noto Sans CJK SC", sans-serif } h1 { font-size: 16pt; text-align: center }\
            .hint { color: #444; font-size: 9pt }\
            code { font-size: 8pt; overflow-wrap: anywhere } dt { color: #444; font-size: 9pt } dd { margin: 0 0 2mm }\
            .stamp { border-top: 1px solid #999; margin-top: 12mm; padding-top: 4mm }\
            article + article { break-before: page }</style></head><body>\(both)</body></html>
            """
        return page.string
    }
}

/// Files and letters of cases, and the public check of a letter.
struct LetterPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "documents.show", .get, "/documents/{id}", access: .signedIn, summary: Bilingual("附件", "A file"),
                handler: document),
            Route(
                "documents.reveal", .post, "/documents/{id}", access: .signedIn,
                summary: Bilingual("写明理由后查看敏感附件", "See a sensitive file, with a reason"), handler: reveal),
            Route(
                "letters.show", .get, "/letters/{id}", access: .signedIn, summary: Bilingual("函件", "A letter"),
                handler: letter),
            Route(
                "letters.pdf", .get, "/letters/{id}/pdf", access: .signedIn,
                summary: Bilingual("函件 PDF", "A letter as PDF"), handler: pdf),
            Route(
                "letters.verify", .get, "/verify", access: .everyone, summary: Bilingual("函件验证", "Verify a letter"),
                handler: verify),
        ]
    }

    private func document(_ visit: Visit) async throws -> Answer {
        let id: ID<Document> = try visit.id("id")
        let actor = visit.actor
        let procedures = house.procedures
        let found = try await house.db.read { tx in try FileAccess.find(id, actor, procedures, tx) }
        if found.isSealed { return sealedPage(found, visit, nil) }
        let files = house.files
        try await Blocking.run { try files.check(found.hash) }
        return .file(at: files.path(of: found.hash), type: found.type, name: found.name, inline: true)
    }

    /// Sensitive papers are asked for with a reason; who filed them only presses the button.
    private func sealedPage(_ document: Document, _ visit: Visit, _ problem: (any Problem)?) -> Answer {
        let t = visit.say
        let own = visit.actor.account?.text == document.uploadedBy
        let form: HTML =
            own
            ? Parts.post("/documents/\(document.id.text)", t("查看", "Show it"), token: visit.csrfToken)
            : PrivacyPages.reasonForm("/documents/\(document.id.text)", visit, problem)
        let body: HTML = """
            <h1>\(t("敏感附件", "A sensitive file"))</h1>\(Parts.facts([
                (t("名称", "Name"), HTML(text: document.name)), (t("内容摘要", "Digest"), "<code>\(document.hash)</code>"),
            ]))\(form)
            """
        return .page(
            Page(
                title: Bilingual("敏感附件", "A sensitive file"),
                trail: [Crumb(Bilingual("办件", "Case"), "/cases/\(document.caseID)")], body: body),
            status: problem?.kind.status ?? 200)
    }

    private func reveal(_ visit: Visit) async throws -> Answer {
        let id: ID<Document> = try visit.id("id")
        let (actor, now, reason) = (visit.actor, house.clock.now(), visit.form["reason"] ?? "")
        do {
            let found = try await house.db.write { tx in
                try DocumentStore.reveal(id, reason: reason, by: actor, at: now, tx)
            }
            let bytes = try house.files.bytes(of: found, vault: house.vault)
            return .bytes(bytes, type: found.type, name: found.name, inline: true)
        } catch PrivacyError.reasonMissing {
            let document = try await house.db.read { tx in try DocumentStore.find(id, tx) }
            guard let document else { throw DocumentError.missing }
            return sealedPage(document, visit, PrivacyError.reasonMissing)
        }
    }

    private func find(_ visit: Visit) async throws -> (Letter, Receipt?) {
        let id: ID<Letter> = try visit.id("id")
        let actor = visit.actor
        return try await house.db.read { tx in
            let letter = try Letters.find(id, tx)
            // Asked of what is not there as well, so that the time tells no more than the answer.
            let file = try CaseStore.find(letter?.caseID ?? ID(""), tx)
            guard let letter, let file, house.procedures.maySee(actor, file) else { throw DocumentError.missing }
            return (letter, try Receipt.find("letter.written", about: "letter", letter.id.text, tx))
        }
    }

    private func letter(_ visit: Visit) async throws -> Answer {
        let (letter, receipt) = try await find(visit)
        let t = visit.say
        let body: HTML = """
            \(LetterPage.html(letter, receipt, house, t))<p class="buttons">\(Parts.button(t("下载 PDF", "Download the PDF"), to: "/letters/\(letter.id.text)/pdf", .secondary))</p>
            """
        return .page(
            Page(
                title: letter.title, trail: [Crumb(Bilingual("办件", "Case"), "/cases/\(letter.caseID)")], body: body))
    }

    private func pdf(_ visit: Visit) async throws -> Answer {
        let (letter, receipt) = try await find(visit)
        let path = "\(house.files.spool)/letter-\(visit.requestID).pdf"
        try await PDF.render(LetterPage.document(letter, receipt, house), to: path)
        return .bytes(try FileStore.take(path), type: "application/pdf", name: "\(letter.number).pdf")
    }

    private func recorded(_ receipt: Receipt, _ t: Say) -> HTML {
        """
        <a href="/record/leaf?index=\(receipt.index)&hash=\(receipt.leafHash)">\(t("存证日志第 \(receipt.index) 条", "leaf \(receipt.index) of the record"))</a>
        """
    }

    private func verify(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let code = visit.query("code") ?? ""
        let (letter, receipt) = try await house.db.read { tx -> (Letter?, Receipt?) in
            guard let letter = try Letters.find(checkCode: code, tx) else { return (nil, nil) }
            return (letter, try Receipt.find("letter.written", about: "letter", letter.id.text, tx))
        }
        let result: HTML
        if let letter, letter.isIntact {
            result = Parts.notice(
                .good, t("本函确由我局发出，内容未被改动", "This letter is ours and has not been changed"),
                Parts.facts([
                    (t("编号", "Number"), HTML(text: letter.number)), (t("名称", "Title"), HTML(text: t(letter.title))),
                    (t("发出时间", "Written"), HTML(text: house.city.zone.clockText(letter.writtenAt))),
                    (t("内容摘要", "Digest"), "<code>\(letter.hash)</code>"),
                    (
                        t("存证", "On record"),
                        receipt.map { recorded($0, t) } ?? HTML(text: t("正在写入存证日志", "being entered"))
                    ),
                ]))
        } else if letter != nil {
            result = Parts.notice(
                .bad, t("登记的内容与摘要不符，请联系我局", "The registered text does not match its digest; ask the bureau"))
        } else if !code.isEmpty {
            result = Parts.notice(
                .bad,
                t(
                    "没有这个验证码。请对照函件重新输入 16 位验证码。",
                    "There is no such code. Compare the sixteen characters with the letter."))
        } else {
            result = .empty
        }
        let body: HTML = """
            <h1>\(t("函件验证", "Verify a letter"))</h1><p class="lead">\(t("输入函件下方的验证码，核对是否由我局发出。", "Enter the code at the foot of the letter to see whether it is ours."))</p>\(result)\
            \(Fields.filters("/verify", Fields.input(.init("code", t("验证码", "Check code")), value: code, t), ask: Bilingual("核验", "Verify"), t))
            """
        return .page(
            Page(title: Bilingual("函件验证", "Verify a letter"), body: body),
            status: letter == nil && !code.isEmpty ? 404 : 200)
    }
}
