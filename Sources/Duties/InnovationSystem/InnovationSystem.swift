public import Kernel

/// The rules of the InnovationSystem room: recognition of high-tech enterprises.
public enum InnovationSystemRules {
    public static let all: [RuleEntry] = [
        RuleEntry(GrowthRule.self), RuleEntry(RecognitionGateRule.self), RuleEntry(RecognitionScoreRule.self),
    ]
}
