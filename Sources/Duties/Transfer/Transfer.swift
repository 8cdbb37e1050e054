public import Kernel

/// The rules of the Transfer room: technology transfer and its money.
public enum TransferRules {
    public static let all: [RuleEntry] = [RuleEntry(TransferTaxRule.self)]
}
