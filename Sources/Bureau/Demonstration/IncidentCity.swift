import Kernel
import Store

/// An incident of the demonstration: the outage of the day before, told of from its beginning to its end.
struct IncidentCity: Sendable {
    let house: House

    func tell(of outage: Outage) async throws {
        let admin = try await house.db.read { tx in
            try AccountStore.find(login: "admin", tx).map { try AccountStore.actor($0, tx) }
        }
        guard let admin else { throw AccessError.unknownAccount }
        let incidents = Incidents(house)
        let began = house.city.zone.clockText(outage.from)
        let opened = try await incidents.open(
            IncidentDraft(
                kind: IncidentReport.Kind.service.rawValue, day: String(began.prefix(10)),
                time: String(began.suffix(5)),
                titleZh: "周日凌晨系统短时无法访问", titleEn: "The site was away for a short time early on Sunday",
                word: IncidentWord(
                    state: IncidentReport.State.known.rawValue, zh: "机房供电切换，系统自动重启。没有数据丢失。",
                    en: "The power supply was switched over and the system started again by itself. No data were lost.")
            ),
            by: admin)
        try await incidents.follow(
            opened.id,
            with: IncidentWord(
                state: IncidentReport.State.closed.rawValue, zh: "供电已恢复双路，事件结束。没有期限受影响。",
                en: "Both supplies are there again. No deadline was touched."), seen: 1, by: admin)
        try await incidents.add(
            Incidents.TellingDraft(
                whom: IncidentTelling.Whom.other.rawValue, due: house.today.adding(days: 10).description,
                note: "市政务服务和数据管理局（运行月报）"), to: opened.id, by: admin)
    }
}
