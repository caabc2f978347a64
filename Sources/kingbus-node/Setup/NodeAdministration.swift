import Common
import HTTPTypes
import NIOCore

/// What the HTTP API may do to the node.
extension Node {
    var adminBackend: AdminBackend {
        AdminBackend(
            forward: { change async throws(AdminError) in try await self.forward(change) },
            status: { self.statusAnswer() },
            isReady: { self.readiness() },
            upstream: { self.upstreamAnswer() },
            setUpstream: { change async throws(AdminError) in try await self.setUpstream(change) },
            startUpstream: { () async throws(AdminError) in
                try await self.change { settings in
                    guard !settings.upstream.urls.isEmpty else { throw AdminError.noUpstream }
                    settings.upstream.isStarted = true
                }
                self.upstream.tryAgain()
                return self.upstreamAnswer()
            },
            stopUpstream: { () async throws(AdminError) in
                try await self.change { $0.upstream.isStarted = false }
                return self.upstreamAnswer()
            },
            addMember: { addition async throws(AdminError) in try await self.addMember(addition) },
            removeMember: { name async throws(AdminError) in try await self.removeMember(name) },
            promoteMember: { name async throws(AdminError) in try await self.promoteMember(name) },
            transferLeadership: { transfer async throws(AdminError) in try await self.transferLeadership(transfer) },
            segments: { self.segmentsAnswer() },
            entry: { index async throws(AdminError) in try await self.entryAnswer(index) },
            replicas: { ReplicasAnswer(replicas: self.clusterView().replicas) },
            metrics: { self.writeMetrics(&$0) })
    }

    private func setUpstream(_ change: UpstreamChange) async throws(AdminError) -> UpstreamAnswer {
        guard !change.urls.isEmpty else { throw .badRequest("urls is empty", hint: "name at least one, as mysql://user@host:3306") }
        var urls: [String] = []
        var password = change.password
        for text in change.urls {
            do throws(CodecError) {
                let url = try MySQLURL(parsing: text)
                guard !url.user.isEmpty else { throw CodecError(.invalid, at: 0, "it names no user, as in mysql://user@host:3306") }
                password = password ?? url.password
                urls.append(url.withoutPassword)
            } catch {
                throw .badRequest("an URL cannot be used: \(error.reason)")
            }
        }
        let sealed: [UInt8]?
        do { sealed = try password.map { try sealer.seal(Array($0.utf8), label: Upstream.passwordLabel) } } catch {
            throw AdminError(.internalServerError, code: "secret", message: "\(error)", hint: "Check --secret-file.")
        }
        let list = urls
        try await self.change { settings in
            if let expected = change.expectedVersion, expected != settings.upstream.version {
                throw AdminError(
                    .conflict, code: "version_mismatch",
                    message: "the upstream is at version \(settings.upstream.version), not \(expected)",
                    hint: "Read it again, and decide anew.")
            }
            // A password is not sent to a place that it was not given for.
            if sealed == nil, !list.allSatisfy(settings.upstream.urls.contains) { settings.upstream.sealedPassword = [] }
            settings.upstream.urls = list
            if let sealed { settings.upstream.sealedPassword = sealed }
            settings.upstream.version += 1
            settings.upstream.isStarted = true
        }
        return upstreamAnswer()
    }

    /// Changes the cluster's settings and returns once the change is committed.
    private func change(_ body: @escaping @Sendable (inout ClusterSettings) throws -> Void) async throws(AdminError) {
        let promise = consensus.loop.makePromise(of: Consensus.Outcome.self)
        consensus.loop.execute { [consensus] in
            do { try consensus.changeSettings(body) { promise.succeed($0) } } catch { promise.fail(error) }
        }
        do {
            guard try await promise.futureResult.get() == .committed else {
                throw AdminError.leadershipMoved
            }
        } catch let error as AdminError {
            throw error
        } catch {
            throw AdminError.internalError
        }
    }
}

extension AdminError {
    static let noUpstream = AdminError(
        .conflict, code: "no_upstream", message: "no upstream is set", hint: "Set one with kingbus-ctl upstream set mysql://user@host:3306."
    )
}
