/// What an administrator typed to say how far an incident has come.
public struct IncidentWord: Hashable, Sendable {
    public let state: String
    public let zh: String
    public let en: String

    public init(state: String, zh: String, en: String) {
        self.state = state
        self.zh = zh.trimmed
        self.en = en.trimmed
    }

    /// Characters of a text.
    public static let longest = 4_000

    /// Everything that is wrong with it.
    func problems() -> [FieldProblem] {
        var found: [FieldProblem] = []
        if IncidentReport.State(rawValue: state) == nil {
            found.append(
                FieldProblem(
                    field: "state", code: "incident.state",
                    message: Bilingual("请选择事件进展到哪一步", "State: choose how far it has come")))
        }
        let texts = [
            Words.problem(zh, "text-zh", Bilingual("说明（中文）", "Text in Chinese"), most: Self.longest),
            Words.problem(en, "text-en", Bilingual("说明（英文）", "Text in English"), most: Self.longest),
        ]
        return found + texts.compactMap(\.self)
    }
}

/// What an administrator typed to open an incident.
public struct IncidentDraft: Hashable, Sendable {
    public let kind: String
    /// The day on which it began, and the time of it, such as `09:30`.
    public let day: String
    public let time: String
    public let titleZh: String
    public let titleEn: String
    public let word: IncidentWord

    public init(kind: String, day: String, time: String, titleZh: String, titleEn: String, word: IncidentWord) {
        self.kind = kind
        self.day = day
        self.time = time
        self.titleZh = titleZh.trimmed
        self.titleEn = titleEn.trimmed
        self.word = word
    }

    /// When it began; nil where that cannot be read.
    func began(_ zone: CityZone) -> Instant? { Day(day).flatMap { zone.moment(of: $0, at: time) } }

    /// Everything that is wrong with it, in the order of the form.
    func problems(_ zone: CityZone, now: Instant) -> [FieldProblem] {
        var found: [FieldProblem] = []
        func miss(_ field: String, _ code: String, _ zh: String, _ en: String) {
            found.append(FieldProblem(field: field, code: "incident.\(code)", message: Bilingual(zh, en)))
        }
        if IncidentReport.Kind(rawValue: kind) == nil { miss("kind", "kind", "请选择类别", "Kind: choose what is touched") }
        if Day(day) == nil {
            miss("day", "day", "请按 2026-01-31 的格式填写日期", "Day: write it as 2026-01-31")
        } else if let began = began(zone), began > now {
            miss("day", "future", "开始时间不能晚于现在", "Day: it cannot have begun after now")
        }
        if zone.moment(of: zone.day(of: now), at: time) == nil {
            miss("time", "time", "请按 09:30 的格式填写时间", "Time: write it as 09:30")
        }
        let titles = [
            Words.problem(titleZh, "title-zh", Bilingual("标题（中文）", "Title in Chinese"), most: 100),
            Words.problem(titleEn, "title-en", Bilingual("标题（英文）", "Title in English"), most: 200),
        ]
        return found + titles.compactMap(\.self) + word.problems()
    }
}

/// A draft that nothing is wrong with.
struct OpenedIncident: Sendable {
    let id: ID<IncidentReport>
    let number: String
    let kind: IncidentReport.Kind
    let title: Bilingual
    let began: Instant
}
