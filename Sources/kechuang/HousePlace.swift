import ArgumentParser
import Bureau
import Foundation
import Kernel

/// Where a house lies.
struct HousePlace: ParsableArguments {
    @Option(help: "sqlite:PATH or postgres://…; by default $KECHUANG_DATABASE, or a file in the data folder.")
    var database: String?
    @Option(help: "Folder of the database, the files and the keys.")
    var data = "var"
    @Option(help: "Folder name of the city in Jurisdictions.")
    var city = "Shenzhen"

    /// How a house runs that is there already.
    func configuration() throws -> Configuration {
        try HousePlace.configuration(database: database, data: data, city: city)
    }

    /// Opens a house that is there already.
    func open() async throws -> Services { try await Services.open(try configuration()) }

    /// Opens a house, and makes it where there is none.
    func openOrMake() async throws -> Services {
        try await Services.open(
            try Configuration(
                dataDirectory: data, database: database, city: city,
                environment: ProcessInfo.processInfo.environment))
    }

    /// How a house runs that is there already.
    static func configuration(database: String?, data: String, city: String) throws -> Configuration {
        // Before the configuration, which makes the data folder.
        let address = try address(database: database, data: data)
        return try Configuration(
            dataDirectory: data, database: address, city: city, environment: ProcessInfo.processInfo.environment)
    }

    /// The address of a database that is there.
    static func address(database: String?, data: String) throws -> String {
        let address = Configuration.database(database, data: data, environment: ProcessInfo.processInfo.environment)
        // Opening would make an empty file; who reads or mends a house wants the one that is there.
        let path = address.hasPrefix("sqlite:") ? String(address.dropFirst(7)) : nil
        if let path, !FileManager.default.fileExists(atPath: path) {
            throw PlainProblem.command(
                "\(path) 处没有数据库，请核对 --database、--data 或 KECHUANG_DATABASE。",
                "There is no database at \(path); check --database, --data or KECHUANG_DATABASE.")
        }
        return address
    }
}
