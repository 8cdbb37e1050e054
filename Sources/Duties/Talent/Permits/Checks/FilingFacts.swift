import Kernel
import Store

/// Everything that the checks of a filing look at, gathered once.
struct FilingFacts: Sendable {
    let kind: FilingKind
    /// Whether its applicant fills it in now.
    let isDrafted: Bool
    let answers: JSONValue
    /// The day on which it is filed.
    let day: Day
    let form: Form
    let papers: PaperList
    /// How many files each field holds.
    let files: [String: Int]
    let passport: Passport?
    let passportProblem: IdentifierError?
    let permit: Permit?
    /// Other valid permits of the same person.
    let elsewhere: [Permit]
    let isEmployer: Bool
    /// The registry holds a record of serious dishonesty.
    let isDishonest: Bool
    /// What the rule on categories said; nil where none is judged.
    let judged: CategoryQuestion.Answer?
    let numbers: PermitNumbers
    let city: Jurisdiction

    func text(_ name: String) -> String { answers[name]?.string ?? "" }
    func day(_ name: String) -> Day? { answers[name]?.string.flatMap { Day($0) } }

    /// Reads what the database and the rules know of a filing on a day.
    static func gather(
        _ filing: Filing, _ answers: JSONValue, _ definition: ProcedureDefinition, on day: Day, city: Jurisdiction,
        vault: Vault, _ tx: Tx
    ) throws -> FilingFacts {
        var passport: Passport?
        var problem: IdentifierError?
        if let mrz = answers["mrz"]?.string, !mrz.isEmpty {
            do throws(IdentifierError) { passport = try Passport(parsing: mrz, on: day) } catch { problem = error }
        }
        let permit = try filing.permit.flatMap { try PermitStore.find($0, tx) }
        let person = try filing.foreigner ?? passport.flatMap { try ForeignerStore.find($0, vault: vault, tx)?.id }
        let birth = try passport?.birth ?? person.flatMap { try ForeignerStore.birth(of: $0, vault: vault, tx) }
        let own = try person.map { try PermitStore.list(of: $0, tx) } ?? []
        let dishonest = try Registry.fact("serious-dishonesty", of: filing.organisation.text, on: day, tx)
        let judged =
            filing.kind.isJudged
            ? try? CategoryQuestion.ask(answers, age: birth.map { day.age(since: $0) }, under: city.rules.law(on: day))
            : nil
        return FilingFacts(
            kind: filing.kind, isDrafted: FilingSteps.isDrafted(filing.step), answers: answers, day: day,
            form: FilingForm(city: city).form(filing.kind, definition, answers),
            papers: PaperList(FilingForm.paperFacts(filing.kind, answers)),
            files: try DocumentStore.counts(of: filing.caseID, tx), passport: passport, passportProblem: problem,
            permit: permit, elsewhere: own.filter { $0.state == .valid && $0.id != filing.permit },
            isEmployer: try EmployerStore.find(filing.organisation, tx)?.state == .active,
            isDishonest: dishonest?.value.bool == true, judged: judged, numbers: PermitNumbers(city.rules, on: day),
            city: city)
    }
}

/// What the machine can say of a filing, the same while drafting, at submission, at the pre-review and in audit.
struct FilingCheck: Sendable {
    /// Keeps it from being submitted: what the form asks and is not answered, or cannot be read.
    let blocking: [FieldProblem]
    /// Everything that does not meet a rule. A person decides on each.
    let findings: [FindingDraft]

    /// - Throws: ``RuleBookError`` where a legal number has no value on the day.
    init(_ facts: FilingFacts) throws {
        // Later nobody can mend an answer that was erased since, or that no key opens any more.
        var blocking = facts.form.problems(facts.answers, complete: true, files: facts.files).filter {
            facts.isDrafted || !facts.answers.lacks($0.field)
        }
        if let problem = facts.passportProblem {
            blocking.append(
                FieldProblem(
                    field: "mrz", code: problem.code,
                    message: Bilingual("护照机读码\(problem.message.zh)", "Passport lines: \(problem.message.en)")))
        }
        blocking += Career.read(facts.answers["cv"]?.array ?? []).problems
        blocking += FilingCheck.conditional(facts)
        self.blocking = blocking
        let checks: [(FilingFacts) throws -> [FindingDraft]] = [
            FilingCheck.person, FilingCheck.employer, FilingCheck.category, FilingCheck.career, FilingCheck.contract,
            FilingCheck.situation, FilingCheck.stay, FilingCheck.existing, FilingCheck.appeal, FilingCheck.papers,
        ]
        findings = try checks.flatMap { try $0(facts) }
    }

    /// Fields that are required only because of another answer.
    private static func conditional(_ facts: FilingFacts) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        func require(_ name: String) {
            guard facts.answers[name] ?? .null == .null else { return }
            let label = facts.form.field(name)?.label ?? Bilingual(name, name)
            problems.append(
                FieldProblem(
                    field: name, code: "field.required",
                    message: Bilingual("「\(label.zh)」必填", "\(label.en): is required")))
        }
        if facts.kind == .change {
            let what = Set((facts.answers["what"]?.array ?? []).compactMap(\.string))
            if what.contains("name") { require("name") }
            if what.contains("passport") { require("mrz") }
            if what.contains("post") { require("post") }
            if what.contains("category") { require("category") }
        }
        if facts.kind == .cancellation, facts.text("cause") == "contact" {
            for name in ["last-contact-on", "notice-on", "newspaper"] { require(name) }
        }
        if facts.text("domestic-case") == "change-employer" { require("former-ended-on") }
        return problems
    }
}
