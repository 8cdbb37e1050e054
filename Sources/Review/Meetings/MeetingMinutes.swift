public import Kernel
import Store

/// The minutes of a meeting, made from the record in both languages.
public enum MeetingMinutes {
    /// What the signatures stand for.
    public static func hash(_ minutes: Bilingual) -> String {
        Digest.hex(Digest.sha256(Array("\(minutes.zh)\n\(minutes.en)".utf8)))
    }

    static func make(_ meeting: Meeting, _ zone: CityZone, _ tx: Tx) throws -> Bilingual {
        let writer = Writer(
            meeting: meeting, zone: zone, members: try MeetingStore.members(meeting.id, tx),
            presence: try MeetingStore.presence(meeting.id, tx), items: try MeetingStore.items(meeting.id, tx),
            recusals: try MeetingStore.recusals(meeting.id, tx), notes: try MeetingStore.notes(meeting.id, tx),
            votes: try MeetingStore.votes(meeting.id, tx), papers: try papers(meeting, tx))
        let lines = writer.lines()
        return Bilingual(lines.map(\.zh).joined(separator: "\n"), lines.map(\.en).joined(separator: "\n"))
    }

    /// The papers of votes by name, in one query.
    private static func papers(_ meeting: Meeting, _ tx: Tx) throws -> [ID<MeetingVote>: [VotePaper]] {
        var found: [ID<MeetingVote>: [VotePaper]] = [:]
        try tx.forEach(
            """
            SELECT p.vote, p.code, p.name, p.choice FROM meeting_paper p JOIN meeting_vote v ON v.id = p.vote
            JOIN meeting_item i ON i.id = v.item
            WHERE i.meeting = \(meeting.id) AND v.is_secret = \(false) ORDER BY p.name, p.code
            """
        ) { row in
            found[try row["vote"], default: []].append(
                VotePaper(code: try row["code"], name: try row["name"], choice: try row["choice"] ?? ""))
        }
        return found
    }

    private struct Writer {
        let meeting: Meeting
        let zone: CityZone
        let members: [MeetingMember]
        let presence: [MeetingPresence]
        let items: [MeetingItem]
        let recusals: [MeetingRecusal]
        let notes: [MeetingNote]
        let votes: [MeetingVote]
        let papers: [ID<MeetingVote>: [VotePaper]]

        func lines() -> [Bilingual] {
            func time(_ instant: Instant?) -> String { instant.map { zone.clockText($0) } ?? "—" }
            var lines = [
                Bilingual(
                    "\(meeting.title.zh)（\(meeting.number)）会议纪要", "Minutes of \(meeting.title.en) (\(meeting.number))"),
                Bilingual("地点：\(meeting.venue.zh)", "Place: \(meeting.venue.en)"),
                Bilingual(
                    "时间：\(time(meeting.openedAt)) 至 \(time(meeting.closedAt))",
                    "Held from \(time(meeting.openedAt)) to \(time(meeting.closedAt))"),
                Bilingual(
                    "主持人：\(meeting.chairName)；秘书：\(meeting.secretaryName)",
                    "Chair: \(english(meeting.chairName)); secretary: \(meeting.secretaryName)"),
            ]
            for member in members { lines.append(line(member, time)) }
            for item in items { lines += self.lines(item, time) }
            lines.append(
                Bilingual(
                    "抽签种子：\(meeting.lotSecret.text)（会前公布的摘要 \(meeting.lotCommitment)）",
                    "Seed of lots: \(meeting.lotSecret.text) (hash published before: \(meeting.lotCommitment))"))
            return lines
        }

        /// A member's name as English writes it, where it is one member's alone.
        private func english(_ name: String) -> String {
            let found = Set(members.filter { $0.name == name }.map(\.called.en))
            return found.count == 1 ? found.first ?? name : name
        }

        private func line(_ member: MeetingMember, _ time: (Instant?) -> String) -> Bilingual {
            let stays = presence.filter { $0.account == member.account }
            guard !stays.isEmpty else {
                return Bilingual(
                    "委员 \(member.name)（\(member.organisationName)）：缺席",
                    "Member \(member.called.en) (\(member.employer.en)): absent")
            }
            let times = stays.map { "\(time($0.arrivedAt)) – \(time($0.leftAt))" }.joined(separator: ", ")
            return Bilingual(
                "委员 \(member.name)（\(member.organisationName)）：到会 \(times)",
                "Member \(member.called.en) (\(member.employer.en)): present \(times)")
        }

        private func lines(_ item: MeetingItem, _ time: (Instant?) -> String) -> [Bilingual] {
            var lines = [
                Bilingual(
                    "议题 \(item.position)：\(item.title.zh)", "Item \(item.position): \(item.title.en)")
            ]
            for one in item.cases {
                lines.append(Bilingual("审议 \(one.number) \(one.title.zh)", "Judged: \(one.number) \(one.title.en)"))
            }
            for one in recusals where one.item == item.id {
                let room =
                    one.leftAt.map {
                        Bilingual(
                            "，\(time($0)) 离开会场，\(time(one.returnedAt)) 返回",
                            ", left the room at \(time($0)), came back at \(time(one.returnedAt))")
                    } ?? Bilingual("", "")
                lines.append(
                    Bilingual(
                        "\(one.name) 回避：\(one.reason.zh)\(room.zh)",
                        "\(english(one.name)) kept out: \(one.reason.en)\(room.en)"))
            }
            guard item.state == .closed else { return lines + [Bilingual("未审议。", "Not reached.")] }
            for note in notes where note.item == item.id {
                let said = Bilingual(written: note.note)
                lines.append(Bilingual("讨论：\(said.zh)", "Discussion: \(said.en)"))
            }
            for vote in votes where vote.item == item.id { lines += words(vote, item) }
            return lines
        }

        private func words(_ vote: MeetingVote, _ item: MeetingItem) -> [Bilingual] {
            guard let result = vote.result else { return [] }
            let how = vote.isSecret ? Bilingual("无记名", "secret") : Bilingual("记名", "by name")
            var lines = [
                Bilingual(
                    "第 \(vote.round) 轮表决（\(how.zh)）：\(vote.question.zh)。有表决资格 \(vote.members) 人，到会 \(vote.present) 人（法定 \(vote.quorum) 人），收回 \(result.cast) 票。",
                    "Round \(vote.round) (\(how.en)): \(vote.question.en). \(vote.members) could vote, \(vote.present) were present (quorum \(vote.quorum)), \(counted(result.cast, "paper")) came in."
                )
            ]
            if let yes = result.yes, let no = result.no, let abstained = result.abstained, let needed = result.needed {
                lines.append(
                    Bilingual(
                        "赞成 \(yes)，反对 \(no)，弃权 \(abstained)；须 \(needed) 票（\(vote.threshold.title.zh)），\(result.carried == true ? "通过" : "未通过")。",
                        "For \(yes), against \(no), abstained \(abstained); \(needed) needed (\(vote.threshold.title.en)): \(result.carried == true ? "carried" : "not carried")."
                    ))
            }
            if let elected = result.elected {
                let names = elected.compactMap { item.cases.indices.contains($0) ? item.cases[$0].number : nil }
                lines.append(
                    Bilingual(
                        "单记可让渡投票，当选额 \(result.quota ?? 0) 票，推选 \(vote.seats) 项：\(names.joined(separator: "、"))。",
                        "Single transferable vote, quota \(result.quota ?? 0), \(vote.seats) chosen: \(names.joined(separator: ", "))."
                    ))
            }
            let named = (papers[vote.id] ?? []).map { "\($0.name ?? "") \(Self.choice($0.choice).zh)" }
            let inEnglish = (papers[vote.id] ?? []).map { "\(english($0.name ?? "")) \(Self.choice($0.choice).en)" }
            if !named.isEmpty {
                lines.append(
                    Bilingual("记名：\(named.joined(separator: "；"))", "By name: \(inEnglish.joined(separator: "; "))"))
            }
            return lines
        }

        private static func choice(_ text: String) -> Bilingual {
            switch text {
            case "yes": Bilingual("赞成", "for")
            case "no": Bilingual("反对", "against")
            case "abstain": Bilingual("弃权", "abstained")
            default: Bilingual(text, text)
            }
        }
    }
}
