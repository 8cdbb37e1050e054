import Kernel
import Portal

/// The two forms in which somebody shows their second factor: a code, which works everywhere, and a security key, which
/// browsers ask for scripts alone. Both go to the same address.
struct ProofForms {
    let action: SafeURL
    /// What the account has; nil where nobody knows whose it is.
    let factors: FactorState?
    /// What its keys are asked; nil where none can be.
    let question: KeyQuestion?
    /// Fields that both carry.
    var hidden: [(String, String)] = []
    /// What it is shown for: the words on the button of the code.
    let purpose: Bilingual
    var kind: Parts.ButtonKind = .primary

    /// What one of them brought.
    static func proof(_ form: FormBody) -> SecondFactor.Proof {
        guard let answer = form["answer"] else { return .code(form["code"] ?? "") }
        return .key(answer: answer, question: form["question"] ?? "")
    }

    func html(_ visit: Visit) -> HTML {
        let t = visit.say
        let codes = Fields.form(
            action, token: visit.csrfToken, Parts.hidden(hidden) + field(t), buttons: Fields.submit(t(purpose), kind))
        let keys = question.map { question in
            ProofForms.key(
                question, "get", action, t("用安全密钥验证", "Use a security key"), .secondary, hidden: hidden, visit)
        }
        return "\(codes)\(keys)"
    }

    private func field(_ t: Say) -> HTML {
        let hasCodes = factors?.hasCodes ?? true
        let field: Fields.Field =
            hasCodes
            ? .init(
                "code", t("验证码", "Code"),
                hint: t("身份验证器显示的 6 位数字，或一个恢复码。", "The six digits of your authenticator, or a recovery code."))
            : .init(
                "code", t("恢复码", "Recovery code"),
                hint: t("设置两步验证时抄下的，每个只能用一次。", "Of those that you wrote down when you set this up; each is good once."))
        return Fields.input(field, autocomplete: "one-time-code", isWide: false, t)
    }

    /// A form that a script fills in with what a key answers, and that is hidden where there is none.
    /// - Parameter ceremony: the method of `navigator.credentials` that asks, `create` or `get`.
    static func key(
        _ question: KeyQuestion, _ ceremony: String, _ action: SafeURL, _ title: String,
        _ kind: Parts.ButtonKind = .primary, hidden: [(String, String)] = [], _ visit: Visit
    ) -> HTML {
        let t = visit.say
        let fields = [(FormSeal.field, visit.csrfToken), ("question", question.sealed), ("answer", "")] + hidden
        return """
            <p class="hint" data-without-key>\(t("使用安全密钥，须启用 JavaScript 并使用支持安全密钥的浏览器。", "A security key needs JavaScript, and a browser that knows security keys."))</p>\
            <form method="post" action="\(action)" data-key="\(ceremony)" data-options="\(question.options)" hidden>\
            \(Parts.hidden(fields))<div class="buttons">\(Fields.submit(title, kind))</div></form>
            """
    }
}
