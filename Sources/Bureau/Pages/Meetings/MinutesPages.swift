import Kernel
import Portal
import Review
import Store

/// The minutes of a meeting: read, signed, printed.
struct MinutesPages: Sendable {
    let house: House

    private var shared: MeetingHouse { MeetingHouse(house: house) }

    var routes: [Route] {
        [
            Route(
                "meetings.minutes", .get, "/meetings/{id}/minutes", access: MeetingHouse.everyone,
                summary: Bilingual("会议纪要", "Minutes"), handler: { try await page($0, nil) }),
            Route(
                "meetings.minutes.pdf", .get, "/meetings/{id}/minutes.pdf", access: MeetingHouse.everyone,
                summary: Bilingual("会议纪要 PDF", "Minutes as PDF"), handler: pdf),
            Route(
                "meetings.sign", .post, "/meetings/{id}/minutes", access: .roles([.expert, .officer]),
                summary: Bilingual("签署会议纪要", "Sign the minutes"), handler: sign),
        ]
    }

    private struct Minutes: Sendable {
        let meeting: Meeting
        let text: Bilingual
        /// The name of who signs as chair.
        let chair: Bilingual
    }

    /// The minutes for members and the bureau. Who kept out of an item does not read the minutes: they tell its votes.
    private func find(_ visit: Visit) async throws -> Minutes {
        let id: ID<Meeting> = try visit.id("id")
        let actor = visit.actor
        return try await house.db.read { tx in
            let isStaff = !actor.roles.isDisjoint(with: [.officer, .leader, .auditor])
            let members = try MeetingStore.members(id, tx)
            guard isStaff || members.contains(where: { $0.account == actor.account }) else {
                throw MeetingError.unknown
            }
            let meeting = try MeetingStore.require(id, tx)
            guard let minutes = meeting.minutes else { throw MeetingError.unknown }
            if !isStaff {
                let isOut = try MeetingStore.recusals(id, tx).contains { $0.account == actor.account }
                guard !isOut || actor.account == meeting.chair else { throw MeetingError.recused }
            }
            return Minutes(meeting: meeting, text: minutes, chair: meeting.whoChairs(among: members))
        }
    }

    private func article(_ minutes: Minutes, _ t: Say) -> HTML {
        let meeting = minutes.meeting
        let lines = t(minutes.text).split(separator: "\n").map(String.init)
        func signature(_ name: String, _ at: Instant?) -> String {
            at.map { t("\(name)，\(shared.time($0)) 签署", "\(name), signed \(shared.time($0))") }
                ?? t("\(name)，未签署", "\(name), not signed")
        }
        return """
            <article class="letter"><h1>\(lines.first ?? "")</h1>\(HTML(each: lines.dropFirst()) { "<p>\($0)</p>" })<div class="stamp">\
            <p>\(t("主持人：", "Chair: "))\(signature(t(minutes.chair), meeting.chairSignedAt))</p>\
            <p>\(t("秘书：", "Secretary: "))\(signature(meeting.secretaryName, meeting.secretarySignedAt))</p>\
            <p class="hint">\(t("纪要摘要", "Hash of the minutes")) <code>\(meeting.minutesHash ?? "")</code></p></div></article>
            """
    }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let minutes = try await find(visit)
        let meeting = minutes.meeting
        let account = visit.actor.account
        let maySign =
            meeting.state == .closed
            && ((account == meeting.chair && meeting.chairSignedAt == nil)
                || (account == meeting.secretary && meeting.secretarySignedAt == nil))
        let id = meeting.id.text
        let isMember = visit.actor.roles.contains(.expert)
        let body: HTML = """
            \(with: problem, { Parts.notice(.bad, t($0.message)) })\(article(minutes, t))\
            \(if: maySign, Parts.post("/meetings/\(id)/minutes", t("签署会议纪要", "Sign the minutes"), token: visit.csrfToken, .primary))\
            <p class="buttons">\(Parts.button(t("下载 PDF", "Download the PDF"), to: "/meetings/\(id)/minutes.pdf", .secondary))</p>
            """
        return .page(
            Page(
                title: Bilingual("会议纪要", "Minutes"),
                trail: isMember
                    ? [.work, MeetingHouse.mine, Crumb(meeting.title, "/meetings/\(id)")]
                    : [.desk, MeetingHouse.desk, Crumb(meeting.title, "/desk/meetings/\(id)")], body: body),
            status: problem?.kind.status ?? 200)
    }

    private func sign(_ visit: Visit) async throws -> Answer {
        let id: ID<Meeting> = try visit.id("id")
        do {
            try await shared.actions.sign(id, by: visit.actor)
            return .redirect("/meetings/\(id.text)/minutes")
        } catch let problem as MeetingError where problem.kind != .notFound {
            return try await page(visit, problem)
        }
    }

    private func pdf(_ visit: Visit) async throws -> Answer {
        let (number, document) = try await printed(visit)
        let path = "\(house.files.spool)/minutes-\(visit.requestID).pdf"
        try await PDF.render(document, to: path)
        return .bytes(try FileStore.take(path), type: "application/pdf", name: "\(number).pdf")
    }

    /// The minutes as the document of which the PDF is made, with the number of the meeting.
    func printed(_ visit: Visit) async throws -> (number: String, document: String) {
        let minutes = try await find(visit)
        let number = minutes.meeting.number
        let both = HTML(each: [Say(.chinese), Say(.english)]) { article(minutes, $0) }
        return (number, LetterPage.document(title: number, both))
    }
}
