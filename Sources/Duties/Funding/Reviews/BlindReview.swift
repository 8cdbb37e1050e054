public import Kernel
import Review
public import Store

/// What an expert sees of an application, by the blind mode of its call.
public struct BlindReview: Sendable {
    /// The form as the expert reads it.
    let form: Form
    let answers: JSONValue
    let files: [Document]
    /// Who applies; nil where the expert is not told.
    let applicant: (organisation: Bilingual, investigator: String)?
    let requested: Money
    /// The title, without names where the expert is not told them.
    let title: Bilingual

    /// Reads an application as its experts may see it: three queries and one for its organisations.
    /// - Parameter words: in place of all that is sealed; no expert needs a telephone to judge.
    static func load(_ application: Application, _ call: Call, or words: Withheld, _ tx: Tx) throws -> BlindReview {
        let form = call.content.reviewForm
        let answers = try CaseStore.answers(application.id, tx).content.withheld(form, or: words)
        let organisation = try Registry.organisation(application.organisation, tx)
        guard call.content.isDoubleBlind else {
            return BlindReview(
                form: form, answers: answers.keeping(form.fields.map(\.name)),
                files: try DocumentStore.list(of: application.id, tx),
                applicant: (organisation?.name ?? Bilingual("", ""), application.investigatorName),
                requested: application.requested, title: application.title)
        }
        let finder = try finder(application, answers, organisation, tx)
        let open = Form(
            sections: form.sections.filter { $0.name != "team" }.map { section in
                var section = section
                section.fields = section.fields.filter { $0.kind != .files }
                return section
            })
        return BlindReview(
            form: open, answers: answers.keeping(open.fields.map(\.name)).masked(finder), files: [], applicant: nil,
            requested: application.requested,
            title: Bilingual(finder.masked(application.title.zh), finder.masked(application.title.en)))
    }

    private static func finder(
        _ application: Application, _ answers: JSONValue, _ organisation: Organisation?, _ tx: Tx
    ) throws -> IdentityFinder {
        let participants = answers["participants"]?.array ?? []
        var places = [organisation].compactMap(\.self)
        for code in participants.compactMap({ $0["organisation"]?.string }) {
            if let place = try Registry.organisation(uscc: code, tx) { places.append(place) }
        }
        return IdentityFinder(
            names: [application.investigatorName] + participants.compactMap { $0["name"]?.string },
            employers: places.flatMap { [$0.name.zh, $0.name.en] })
    }

    /// Whether the experts of an application may have its files, which tell whose they are.
    public static func showsFiles(_ item: ID<CaseFile>, _ tx: Tx) throws -> Bool {
        guard let application = try ApplicationStore.find(item, tx) else { return true }
        return try !CallStore.require(application.call, tx).content.isDoubleBlind
    }
}

extension CallContent {
    /// What experts and applicants know of each other. Applicants never learn who judged.
    public enum Blindness: String, Codable, Sendable, CaseIterable {
        /// Experts see who applies.
        case single
        /// Experts do not see who applies: names are struck out, the team and the files are left away.
        case double

        var title: Bilingual {
            switch self {
            case .single: Bilingual("单盲：专家可见申请人", "Single: experts see who applies")
            case .double: Bilingual("双盲：专家不知申请人，不见附件", "Double: experts see neither who applies nor the files")
            }
        }
    }

    var isDoubleBlind: Bool { blindness == .double }
}

extension JSONValue {
    /// The members of an object with these names.
    func keeping(_ names: [String]) -> JSONValue {
        guard let members = object else { return self }
        return .object(members.filter { names.contains($0.key) })
    }

    /// The same with every identity struck out of every text.
    func masked(_ finder: IdentityFinder) -> JSONValue {
        switch self {
        case .string(let text): .string(finder.masked(text))
        case .array(let items): .array(items.map { $0.masked(finder) })
        case .object(let members): .object(members.mapValues { $0.masked(finder) })
        default: self
        }
    }
}
