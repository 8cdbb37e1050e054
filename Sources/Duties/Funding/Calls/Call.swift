public import Kernel
public import Review
public import Store

/// One invitation to apply (申报指南): its columns for lists, and its whole content.
public struct Call: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case draft, proposed, published, cancelled
    }

    public let id: ID<Call>
    public let number: String
    public let programme: ID<Programme>
    public let year: Int
    public var state: State
    /// Applications are taken from 00:00 of the first day to 24:00 of the last, in the city's zone.
    public var opensOn: Day
    public var closesOn: Day
    public var budget: Money
    public let division: String
    public var content: CallContent
    public var revision: Int
    public let createdBy: String
    public var proposedBy: String?
    public var publishedBy: String?
    public var publishedAt: Instant?

    public var title: Bilingual { content.title }

    /// How the public finds the call.
    var searchEntry: SearchEntry {
        SearchEntry(
            kind: .call, subject: id.text, address: "/calls/\(number)", title: title,
            text: "\(number) \(content.summary.zh) \(content.summary.en)", day: opensOn)
    }

    /// Whether an application may be submitted at a moment whose civil day is `day`.
    public func isOpen(on day: Day) -> Bool { state == .published && opensOn <= day && day <= closesOn }
}

/// All that an officer writes into a call; frozen by its publication.
public struct CallContent: Codable, Hashable, Sendable {
    public var title: Bilingual
    public var summary: Bilingual
    /// Discipline code of GB/T 13745, or empty for every field.
    public var field: String
    /// Which hosts may apply.
    public var hosts: [LimitFacts.Host]
    /// Conditions in words, each confirmed by the applicant.
    public var conditions: [Bilingual]
    /// Whether the limits rule (限项) is applied.
    public var limited: Bool
    public var minimum: Money
    public var maximum: Money
    /// Longest term of a project in months.
    public var termMonths: Int
    /// The application's own fields; the common ones (title, organisation, investigator, amount) come with it.
    public var form: Form
    /// Criteria, weights and scales.
    public var sheet: ScoringSheet
    public var expertsEach: Int
    /// Most reviewers whom an applicant may name as unsuitable; nil where the programme's law knows nothing of it.
    public var unsuitableMost: Int?
    /// Largest spread between two experts' totals, in thousandths, before the panel is asked to look.
    public var disagreementThousandths: Int
    /// Whether experts see who applies; nil for single blind.
    public var blindness: Blindness?
    /// The language of applications, which whoever judges them has to read; nil for no limit.
    public var language: ReviewLanguage?
    public var tranches: [TranchePlan]

    /// Whether an expert reads the language that is asked for.
    func isRead(by expert: Expert) -> Bool { language.map { expert.languages.contains($0) } ?? true }

    /// One part of the money, paid on a condition.
    public struct TranchePlan: Codable, Hashable, Sendable {
        /// Share of the award in thousandths; all shares of a call add up to 1000.
        public var perMille: Int
        public var condition: Bilingual
        /// Months after the project's start when it falls due.
        public var afterMonths: Int

        public init(perMille: Int, condition: Bilingual, afterMonths: Int) {
            self.perMille = perMille
            self.condition = condition
            self.afterMonths = afterMonths
        }
    }
}
