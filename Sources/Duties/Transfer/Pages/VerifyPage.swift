import Kernel
import Portal
import Store

/// The public check of a certificate by its code.
struct VerifyPage: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "contracts.verify", .get, "/verify/contract", access: .everyone,
                summary: Bilingual("技术合同核验", "Verify a technology contract"), handler: verify)
        ]
    }

    private func verify(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let code = visit.query("code") ?? ""
        let found = try await house.db.read { tx in try ContractStore.find(checkCode: code, tx) }
        let result: HTML
        if let found {
            let isGood = found.state == .registered
            result = Parts.notice(
                isGood ? .good : .bad,
                isGood
                    ? t("登记有效", "The registration is in force")
                    : t("登记已失效：\(found.state.title.zh)", "The registration is over: \(found.state.title.en)"),
                Parts.facts(facts(found, t)))
        } else if !code.isEmpty {
            result = Parts.notice(
                .bad,
                t(
                    "没有这个校验码，或合同变更后已换发新码。请核对 16 位校验码。",
                    "There is no such code, or it was replaced after a change. Compare the sixteen characters."))
        } else {
            result = .empty
        }
        let body: HTML = """
            <h1>\(t("技术合同核验", "Verify a technology contract"))</h1><p class="lead">\(t("输入登记证明上的校验码。", "Enter the check code of the certificate."))</p>\(result)\
            \(Fields.filters("/verify/contract", Fields.input(.init("code", t("校验码", "Check code")), value: code, t), ask: Bilingual("核验", "Verify"), t))
            """
        return .page(
            Page(title: Bilingual("技术合同核验", "Verify a technology contract"), body: body),
            status: found == nil && !code.isEmpty ? 404 : 200)
    }

    /// What stands on the certificate, and nothing else.
    private func facts(_ item: Contract, _ t: Say) -> [(String, HTML)] {
        [
            (t("合同登记号", "Registration number"), HTML(text: item.number ?? "—")),
            (t("项目名称", "Project"), HTML(text: item.name)), (t("类型", "Kind"), HTML(text: t(item.kind.title))),
            (t("卖方", "Seller"), HTML(text: item.seller)), (t("买方", "Buyer"), HTML(text: item.buyer)),
            (t("成交额", "Total"), HTML(text: item.total.text(t.language))),
            (t("技术交易额", "Technical amount"), HTML(text: item.technical.text(t.language))),
            (t("登记日期", "Registered on"), HTML(text: item.registeredOn?.text(t.language) ?? "—")),
        ]
    }
}
