import Funding
import Kernel
import Review

extension SampleCall {
    /// A talent-team call: what is judged is the team, what is paid are incentives by milestones. All of it is data.
    static var talentTeam: SampleCall {
        var content = content(
            Bilingual("引进创新创业团队", "Talent Teams"),
            Bilingual(
                "支持由海内外高层次人才组成的创新创业团队落户，按里程碑分期兑现激励。",
                "Supports teams of high-level talent from home and abroad that settle here; incentives are paid by milestones."
            ),
            hosts: [.enterprise, .university, .institute, .hospital], minimum: 100_000_000, maximum: 1_000_000_000)
        content.limited = false
        content.termMonths = 60
        content.conditions = [
            Bilingual("团队由一名带头人和不少于三名核心成员组成。", "The team has a leader and at least three core members."),
            Bilingual(
                "至少一名核心成员为外国专家，持有或将申请工作许可。",
                "At least one core member is a foreign expert with a work permit, or about to apply."),
            Bilingual("核心成员每年在本市工作不少于六个月。", "Core members work here at least six months a year."),
        ]
        content.tranches = [
            CallContent.TranchePlan(
                perMille: 300,
                condition: Bilingual("团队到岗、合同签订后", "after the team has arrived and the contract is signed"),
                afterMonths: 0),
            CallContent.TranchePlan(
                perMille: 400, condition: Bilingual("中期检查合格后", "after a mid-term check that is passed"), afterMonths: 24
            ),
            CallContent.TranchePlan(
                perMille: 300, condition: Bilingual("验收合格后", "after acceptance"), afterMonths: 60),
        ]
        var form = content.form
        form.sections.insert(team, at: 0)
        content.form = form
        return SampleCall(
            programme: "talent-team", openDays: 45, budget: Money(fen: 8_000_000_000), isPublished: true,
            content: content)
    }

    private static let team = FormSection(
        name: "talent", title: Bilingual("团队", "Team"),
        hint: Bilingual("带头人为项目负责人；这里填写核心成员。", "The leader is the investigator; name the core members here."),
        fields: [
            FormField(
                name: "core-members", label: Bilingual("核心成员", "Core members"), kind: .table, atMost: 12, atLeast: 3,
                columns: [
                    FormField(name: "name", label: Bilingual("姓名", "Name"), kind: .text, atMost: 80),
                    FormField(name: "country", label: Bilingual("国籍", "Nationality"), kind: .text, atMost: 40),
                    FormField(name: "role", label: Bilingual("分工", "Part"), kind: .text, atMost: 120),
                    FormField(
                        name: "months", label: Bilingual("每年在岗（月）", "Months a year here"), kind: .number, minimum: 6,
                        maximum: 12),
                ]),
            FormField(
                name: "milestones", label: Bilingual("里程碑与激励", "Milestones and incentives"),
                hint: Bilingual("中期检查和验收逐项对照。", "The mid-term check and acceptance look at each."), kind: .table,
                atMost: 10, atLeast: 1,
                columns: [
                    FormField(name: "month", label: Bilingual("第几个月", "Month"), kind: .number, minimum: 1, maximum: 60),
                    FormField(name: "goal", label: Bilingual("目标", "Goal"), kind: .text, atMost: 200),
                ]),
        ])
}
