import Kernel
import Store

/// An incident of the demonstration: one of two power supplies failed, which made the outage of the day before, and is
/// mended the next morning. What is said of it bears the time at which it is said, when the outage was long over.
struct IncidentCity: Sendable {
    let house: House

    func tell(of outage: Outage) async throws {
        let admin = try await house.db.read { tx in
            try AccountStore.find(login: "admin", tx).map { try AccountStore.actor($0, tx) }
        }
        guard let admin else { throw AccessError.unknownAccount }
        let incidents = Incidents(house)
        let minutes = outage.minutes
        let began = house.city.zone.clockText(outage.from)
        let opened = try await incidents.open(
            IncidentDraft(
                kind: IncidentReport.Kind.service.rawValue, day: String(began.prefix(10)),
                time: String(began.suffix(5)),
                titleZh: "机房一路供电中断，周日凌晨系统短时无法访问",
                titleEn: "A power supply failed, and the site was away for a short time early on Sunday",
                word: IncidentWord(
                    state: IncidentReport.State.known.rawValue,
                    zh: "机房一路供电中断，切换到另一路时系统重启，\(minutes) 分钟后恢复访问。没有数据丢失。此后由单路供电。",
                    en: """
                        One of two power supplies failed. The system started again on the other and was back after \
                        \(counted(minutes, "minute")). No data were lost. It ran on one supply from then on.
                        """)),
            by: admin)
        try await incidents.follow(
            opened.id,
            with: IncidentWord(
                state: IncidentReport.State.closed.rawValue, zh: "周一上午已恢复双路供电，事件结束。没有期限受影响。",
                en: "Both supplies are there again since Monday morning. No deadline was touched."), seen: 1, by: admin)
        try await incidents.add(
            Incidents.TellingDraft(
                whom: IncidentTelling.Whom.other.rawValue, due: house.today.adding(days: 10).description,
                note: "市政务服务和数据管理局（运行月报） / City data administration, in the monthly report"), to: opened.id, by: admin)
    }
}
