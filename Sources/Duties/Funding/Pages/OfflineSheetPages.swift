import Kernel
import Portal
import Review
import Store

/// The scoring sheet as a file: taken away, filled in without the network, and brought back as a draft.
extension ReviewPages {
    var offlineRoutes: [Route] {
        let expert: RouteAccess = .roles([.expert])
        return [
            Route(
                "reviews.file", .get, "/reviews/{id}/file", access: expert,
                summary: Bilingual("下载离线评审表", "The sheet as a file"), handler: download),
            Route(
                "reviews.file.load", .post, "/reviews/{id}/file", access: expert,
                summary: Bilingual("导入离线评审表", "Bring the file back"), limits: .uploads(files: 1, bytes: 2 << 20),
                handler: upload),
        ]
    }

    func offline(_ visit: Visit, _ assignment: Assignment) -> HTML {
        let t = visit.say
        let address: SafeURL = "/reviews/\(assignment.id.text)/file"
        return Parts.card(
            t("离线填写", "Fill it in offline"),
            """
            <p>\(t("下载表格，在 C 列填写，再导入；导入后为草稿，核对后提交。", "Download the file, fill in column C and bring it back. It becomes your draft, to be read through and submitted."))</p>\
            <p>\(Parts.button(t("下载评审表（XLSX）", "Download the sheet (XLSX)"), to: address, .secondary))</p>\
            \(Fields.form(address, token: visit.csrfToken, isUpload: true, Fields.input(.init("sheet", t("填好的表格", "The file")), type: "file", t), buttons: Fields.submit(t("导入评审表", "Bring it back"), .secondary)))
            """)
    }

    private func mine(_ visit: Visit) async throws -> (assignment: Assignment, round: Round, title: Bilingual) {
        let id: ID<Assignment> = try visit.id("id")
        let actor = visit.actor
        return try await funding.house.db.read { tx in
            let assignment = try SheetActions.mine(id, actor, tx)
            guard assignment.state == .accepted else { throw ReviewError.wrongState }
            guard let round = try RoundStore.find(assignment.round, tx) else { throw ReviewError.unknown }
            let application = try ApplicationStore.require(assignment.item, tx)
            let call = try CallStore.require(application.call, tx)
            return (assignment, round, try BlindReview.load(application, call, or: .data, tx).title)
        }
    }

    private func download(_ visit: Visit) async throws -> Answer {
        let (assignment, round, title) = try await mine(visit)
        let language = visit.language
        let columns: [ExportColumn<OfflineSheet.Line>] = [
            ExportColumn(Bilingual("代号（请勿改动）", "Code, leave as it is"), text: \.code),
            ExportColumn(Bilingual("内容", "What"), text: { $0.title[language] }),
            ExportColumn(Bilingual("填写", "Your answer"), \.answer),
            ExportColumn(Bilingual("说明", "Hint"), text: { $0.hint[language] }),
        ]
        let lines = OfflineSheet.lines(assignment, round.sheet, title: title)
        return .list(visit.say("评审表", "sheet"), as: .xlsx, columns, language) { last, _ in last == nil ? lines : [] }
    }

    private func upload(_ visit: Visit) async throws -> Answer {
        let (assignment, round, _) = try await mine(visit)
        do {
            guard let file = visit.form.file("sheet") else { throw DocumentError.empty(field: "sheet") }
            let answers = try OfflineSheet.read(try await file.bytes(upTo: 2 << 20), of: assignment, round.sheet)
            _ = try await funding.sheets.save(
                assignment.id, values: { answers.values[$0].map { [$0] } ?? [] }, expecting: answers.revision,
                by: visit.actor)
            return .redirect("/reviews/\(assignment.id)")
        } catch let problem as any Problem where problem.kind != .broken {
            return try await page(visit, nil, problem.fields, problem)
        }
    }
}
