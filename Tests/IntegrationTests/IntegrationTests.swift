import Testing

/// Every suite that starts servers is an extension of this one: they run one after the other, so that a deadline means the same in each.
@Suite(.serialized) enum IntegrationTests {}
