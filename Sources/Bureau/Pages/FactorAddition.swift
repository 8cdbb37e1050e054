import Kernel
import Portal
import Store

/// Adding to the second factor takes the password, and where there is a factor already, that one as well: whoever sits
/// at a browser that somebody left open adds nothing. So it is with an API token, which opens the account as well.
extension SecondFactorPages {
    /// What an authenticator's form calls the password: that of a new key is on the same page.
    static let codesPassword = "codes-password"

    /// Something that is to be added.
    struct Addition {
        let title: Bilingual
        /// Where its form goes, and what is shown afterwards as well.
        let action: SafeURL
        /// What its form calls the password.
        let password: String
        /// What else its form holds.
        var fields: [(String, String)] = []
        var problems: [FieldProblem] = []
        /// Where its form stands; nil where that is the page of one's own factors.
        var place: Place?
    }

    /// A page with the form of something that is to be added.
    struct Place {
        let address: SafeURL
        let trail: [Crumb]
        /// The page, with what is wrong, and what is wrong with the fields of the form.
        let show: ((any Problem)?, [FieldProblem]) async throws -> Answer
    }

    func passwordField(_ name: String, _ problems: [FieldProblem], _ t: Say) -> HTML {
        Fields.input(
            .init(name, t("本系统账号的密码", "Password of your account here")), type: "password",
            problem: Fields.problem(name, problems, t), autocomplete: "current-password", isWide: false, t)
    }

    /// Adds something once all was given that it takes, and asks for what is missing.
    /// - Parameter body: adds it, with what was shown of the factor that is on; nil where there is none.
    func add(
        _ addition: Addition, _ visit: Visit, _ body: (SecondFactor.Proof?) async throws -> Answer
    ) async throws -> Answer {
        let (account, now) = (try account(visit), house.clock.now())
        guard let permit = visit.form["permit"] else { return try await addByPassword(addition, visit, body) }
        guard addition.problems.isEmpty,
            factor.isPermitted(permit, for: account, session: visit.session, at: now)
        else { return try await refuse(addition, visit, AccessError.setUpOver, addition.problems) }
        do {
            return try await body(ProofForms.proof(visit.form))
        } catch let problem as AccessError {
            return try await proofPage(addition, visit, permit, problem)
        } catch let problem as KeyError {
            return try await proofPage(addition, visit, permit, problem)
        }
    }

    private func addByPassword(
        _ addition: Addition, _ visit: Visit, _ body: (SecondFactor.Proof?) async throws -> Answer
    ) async throws -> Answer {
        let (account, now) = (try account(visit), house.clock.now())
        var problems = addition.problems
        do {
            try await sessions.confirm(
                password: visit.form[addition.password] ?? "", of: account, from: visit.origin, now: now)
        } catch IdentityError.wrongPassword {
            let wrong = IdentityError.wrongPassword
            problems.append(FieldProblem(field: addition.password, code: wrong.code, message: wrong.message))
        } catch let problem as AccessError {
            return try await refuse(addition, visit, problem, problems)
        }
        guard problems.isEmpty else { return try await refuse(addition, visit, nil, problems) }
        let isOn = try await house.db.read { tx in try SecondFactor.isOn(account, tx) }
        if isOn {
            let permit = try factor.permit(for: account, session: visit.session, at: now)
            return try await proofPage(addition, visit, permit, nil)
        }
        do {
            return try await body(nil)
        } catch let problem as AccessError {
            return try await refuse(addition, visit, problem)
        } catch let problem as KeyError {
            return try await refuse(addition, visit, problem)
        }
    }

    /// The page with the form once more, and what is wrong.
    private func refuse(
        _ addition: Addition, _ visit: Visit, _ problem: (any Problem)?, _ problems: [FieldProblem] = []
    ) async throws -> Answer {
        guard let place = addition.place else { return try await page(visit, problem, problems: problems) }
        return try await place.show(problem, problems)
    }

    /// Asks for the factor that is on, after the password.
    private func proofPage(
        _ addition: Addition, _ visit: Visit, _ permit: String, _ problem: (any Problem)?
    ) async throws -> Answer {
        // Nothing that could be shown helps here.
        if let problem, problem.kind == .conflict { return try await refuse(addition, visit, problem) }
        let t = visit.say
        let account = try account(visit)
        let factors = try await house.db.read { tx in try SecondFactor.state(of: account, tx) }
        let forms = ProofForms(
            action: addition.action, factors: factors,
            question: try factor.question(
                of: factors.keys, for: account, holder: visit.session ?? "", at: house.clock.now()),
            hidden: addition.fields + [("permit", permit)], purpose: Bilingual("继续", "Go on"))
        let back: SafeURL = addition.place?.address ?? "/account/second-factor"
        let body: HTML = """
            <h1>\(t(addition.title))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.card(t("请先出示现有的两步验证", "Show your second factor first"), forms.html(visit)))
            <p>\(Parts.button(t("取消", "Cancel"), to: back, .secondary))</p>
            """
        return .page(
            Page(title: addition.title, trail: addition.place?.trail ?? Self.trail, body: body),
            status: problem?.kind.status ?? 200)
    }
}
