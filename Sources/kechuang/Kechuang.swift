import ArgumentParser

@main
struct Kechuang: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "kechuang")
}
