import Funding
import Kernel
import Portal
import Review
import Store

/// What all pages of meetings share.
struct MeetingHouse: Sendable {
    let house: House

    static let staff = RouteAccess.roles([.officer, .leader, .auditor])
    static let everyone = RouteAccess.roles([.officer, .leader, .auditor, .expert])
    static let desk = Crumb(Bilingual("评审会议", "Panel meetings"), "/desk/meetings")
    static let mine = Crumb(Bilingual("我的会议", "My meetings"), "/meetings")

    var actions: MeetingActions {
        MeetingActions(
            db: house.db, clock: house.clock, ids: house.ids, zone: house.city.zone, rules: house.city.rules,
            vault: house.vault, facts: ["funding.application": Funding.meetingFacts(house)])
    }

    /// How one field takes both languages: what is written so stands in the minutes in each.
    static func bothLanguages(_ t: Say) -> String {
        t("可用中英文书写，中间加「 / 」", "In both languages if you like: Chinese, then \" / \", then English")
    }

    /// What waits for somebody in the meetings.
    static func waiting(_ actor: Actor, _ tx: Tx) throws -> [WaitingItem] {
        guard let account = actor.account, !actor.roles.isDisjoint(with: [.expert, .officer]) else { return [] }
        let votes = try MeetingStore.openVotes(of: account, limit: 20, tx).map {
            WaitingItem(Bilingual("表决", "Vote"), $0.vote.question, at: "/votes/\($0.vote.id.text)")
        }
        let invitations = try MeetingStore.unanswered(of: account, limit: 20, tx).map {
            WaitingItem(
                Bilingual("答复会议邀请", "Answer an invitation to a meeting"), $0.title, at: "/meetings/\($0.id.text)")
        }
        let minutes = try MeetingStore.unsigned(of: account, limit: 20, tx).map {
            WaitingItem(Bilingual("签署会议纪要", "Sign the minutes"), $0.title, at: "/meetings/\($0.id.text)/minutes")
        }
        return votes + invitations + minutes
    }

    static func state(_ state: Meeting.State, _ t: Say) -> HTML {
        let tone: Parts.Tone =
            switch state {
            case .planned: .info
            case .open: .good
            case .closed: .warning
            case .signed: .neutral
            }
        return Parts.badge(t(state.title), tone)
    }

    static func answer(_ answer: MeetingMember.Answer, _ t: Say) -> HTML {
        switch answer {
        case .invited: Parts.badge(t("未答复", "No answer"), .warning)
        case .accepted: Parts.badge(t("参会", "Attends"), .good)
        case .declined: Parts.badge(t("不能参会", "Cannot attend"), .bad)
        }
    }

    func time(_ instant: Instant?) -> String { instant.map { house.city.zone.clockText($0) } ?? "—" }

    /// When each item of an agenda is due, as planned.
    func times(_ meeting: Meeting, _ items: [MeetingItem]) -> [ID<MeetingItem>: String] {
        var (found, at): ([ID<MeetingItem>: String], Instant) = ([:], meeting.startsAt)
        for item in items {
            found[item.id] = String(time(at).suffix(5))
            at = at.adding(seconds: item.minutes * 60)
        }
        return found
    }

    /// What came out of a round, in a few words.
    static func outcome(_ vote: MeetingVote, _ item: MeetingItem, _ t: Say) -> String {
        guard let result = vote.result else { return t("进行中", "Open") }
        if let yes = result.yes, let no = result.no, let abstained = result.abstained, let needed = result.needed {
            let end = result.carried == true ? t("通过", "carried") : t("未通过", "not carried")
            return t(
                "赞成 \(yes)，反对 \(no)，弃权 \(abstained)，须 \(needed) 票：\(end)",
                "For \(yes), against \(no), abstained \(abstained), \(needed) needed: \(end)")
        }
        let names = (result.elected ?? []).compactMap { item.cases.indices.contains($0) ? item.cases[$0].number : nil }
        return t("推选：\(names.joined(separator: "、"))", "Chosen: \(names.joined(separator: ", "))")
    }

    /// What the papers of a case are, as a member may read them.
    func papers(_ file: CaseFile, _ t: Say, _ tx: Tx) throws -> HTML {
        let answers = try CaseStore.answers(file.id, tx).content
        let files = try DocumentStore.list(of: file.id, tx)
        let form: Form?
        if file.procedure == "funding.application" {
            form = try Funding.papersForm(of: file.id, tx)
        } else {
            form = try house.procedures.definition(of: file).form
        }
        guard let form else { return .empty }
        return FormView.read(form, answers.withheld(form, or: .words(in: t.language)), files: files, t)
    }
}
