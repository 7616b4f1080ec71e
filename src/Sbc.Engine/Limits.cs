namespace Sbc.Engine;

/// <summary>Every limit of the engine, with its reason. What a stranger can make grow is bounded here.</summary>
public static class Limits
{
    /// <summary>Worker index in a token: 8 bits, one value kept free.</summary>
    public const int WorkersMax = 64;

    /// <summary>Bits of a turn's ready mask, one kept for the event.</summary>
    public const int ListenersMax = 62;

    public const int RealmsMax = 32;

    /// <summary>Rows of the shared cells and of each worker's counters; a peer's row stays its own for good.</summary>
    public const int PeersMax = 2048;

    public const int GroupsMax = 512;

    public const int RoutesMax = 2048;

    /// <summary>Members of a group: which of them were tried is one 64-bit mask in the call.</summary>
    public const int GroupMembersMax = 64;

    /// <summary>
    /// Calls of one worker, challenged ones included: about 1 GiB of state at the aim of 2 kB a call.
    /// </summary>
    public const int CallsMax = 500_000;

    /// <summary>
    /// Early dialogs of one INVITE beside the first, or notifiers of one SUBSCRIBE: a proxy that forks to more phones
    /// than that would cost a stranger's INVITE more memory than it is worth.
    /// </summary>
    public const int ForksPerCallMax = 15;

    /// <summary>Targets that one request is sent to at a time: what one stranger's INVITE causes.</summary>
    public const int BranchesAtOnceMax = 10;

    /// <summary>Targets of one request in all, those that wait for others included.</summary>
    public const int TargetsMax = 32;

    /// <summary>Their Request-URIs and routes: of each half a kilobyte, which is what a mobile phone's need.</summary>
    public const int TargetBytesMax = TargetsMax * 512;

    /// <summary>Longest life of a registration of ours at a peer, whatever it grants: a day.</summary>
    public const int TrunkExpiresSecondsMax = 86_400;

    /// <summary>First pause after a registration has failed, doubled each time (RFC 5626 4.5).</summary>
    public const int TrunkRetrySeconds = 30;

    /// <summary>Longest pause: a peer that is back is used again within ten minutes.</summary>
    public const int TrunkRetrySecondsMax = 600;

    /// <summary>Credentials that an ACK repeats from its INVITE.</summary>
    public const int CredentialLinesBytesMax = 4096;

    /// <summary>Challenges of several branches in one response (RFC 3261 16.7 step 7); more are left out.</summary>
    public const int ChallengeBytesMax = 2048;

    /// <summary>Targets of redirections that one call tries: each is an INVITE that a stranger's 302 causes.</summary>
    public const int RedirectionsMax = 5;

    /// <summary>
    /// The longest life of a subscription without a refresh, a day: what asks for more is asked to come again.
    /// </summary>
    public const int SubscriptionSecondsMax = 86_400;

    /// <summary>A longer session interval is watched as if it were a day.</summary>
    public const int SessionSecondsMax = 86_400;

    /// <summary>Header lines of the session timer: Supported, Session-Expires, Content-Type.</summary>
    public const int TimerLinesBytesMax = 160;

    /// <summary>Reason header lines that a CANCEL carries on; longer ones are left out.</summary>
    public const int ReasonLinesBytesMax = 512;

    /// <summary>A body of one side that is written anew for the other: what a datagram can carry.</summary>
    public const int BodyBytesMax = 65_536;

    /// <summary>Requests of one worker that wait for another worker's answer.</summary>
    public const int ParkedMax = 64;

    /// <summary>Calls of one worker that wait for DNS: each holds its request, and a stranger chooses its name.</summary>
    public const int NamesAwaitedMax = 256;

    /// <summary>Answers of DNS that one worker keeps, the empty ones too; the oldest go.</summary>
    public const int NamesKnownMax = 4096;

    /// <summary>Questions of all workers that DNS is asked at once: each has sockets of its own.</summary>
    public const int NameQuestionsMax = 512;

    /// <summary>
    /// A quarter of Timer B: whoever waits is answered while its sender still listens (a request has 32 s).
    /// </summary>
    public const int NameAnswerMilliseconds = 8000;

    /// <summary>As with peers: an address of a name that is silent for so long is left for the next one.</summary>
    public const int NameSilenceMilliseconds = 3000;

    /// <summary>The same for the next flow of a device (RFC 5626 7): what has lost its way is silent.</summary>
    public const int FlowSilenceMilliseconds = 3000;

    /// <summary>Datagrams up to that length arrive in one piece nearly everywhere (RFC 3261 18.1.1).</summary>
    public const int UnbrokenBytesMax = 1300;

    /// <summary>The longest name that DNS knows (RFC 1035 2.3.4).</summary>
    public const int HostBytesMax = 255;

    /// <summary>Questions that one request may cause: the dialogs that a dialog-info body lists.</summary>
    public const int QuestionsPerRequestMax = 16;

    /// <summary>Longest text that an expression of a rule is tried on; it lies on the stack.</summary>
    public const int PatternTextMax = 1024;

    /// <summary>Different values of a number table: 16 bits in a node.</summary>
    public const int NumberTableValuesMax = 65_000;

    /// <summary>Prefixes of one number table: 22 to 45 MB, and some 10 s of a reload.</summary>
    public const int NumberTablePrefixesMax = 2_000_000;

    /// <summary>Characters of a prefix: an E.164 number has 15 digits.</summary>
    public const int NumberTablePrefixLengthMax = 64;

    /// <summary>Destinations that a peer must have refused with 503 in a row before it is taken out.</summary>
    public const int EjectionDestinationsMin = 3;

    /// <summary>
    /// How long a peer whose 503 took it out stays out though its probes are answered; as often more as it happened in
    /// a row.
    /// </summary>
    public const int EjectionSeconds = 5;

    /// <summary>The longest Retry-After of a peer that is believed: a wrong one would take it out for a day.</summary>
    public const int HoldSecondsMax = 60;

    /// <summary>Server and client transactions of one worker each: 32 s of 10,000 new ones a second.</summary>
    public const int TransactionsMax = 1_000_000;

    /// <summary>Timers of one worker: one for each transaction and binding, two for each call, and the probes.
    /// </summary>
    public const int TimersMax = (2 * TransactionsMax) + (2 * CallsMax) + PeersMax + BindingsMax;

    /// <summary>Bindings of the whole box: 2 GB at 1 kB each.</summary>
    public const int BindingsMax = 2_000_000;

    /// <summary>
    /// Changes of one worker that wait for the store, 258 bytes each: over a second of 10,000 REGISTERs a second. What
    /// does not fit is read from the table.
    /// </summary>
    public const int JournalEntries = 1 << 14;

    /// <summary>Bytes of addresses and bindings that one worker may hold.</summary>
    public const long LocationBytesMax = 4L << 30;

    /// <summary>
    /// Bindings of one address-of-record, whatever the configuration says: a call to it would fork to all of them.
    /// </summary>
    public const int ContactsPerAorMax = 32;

    /// <summary>
    /// Texts of one binding: URI, Call-ID, Path, instance, features. What is longer would make requests to it that no
    /// datagram carries unbroken.
    /// </summary>
    public const int BindingBytesMax = 1024;

    /// <summary>Service-Route and P-Associated-URI of one binding; a registrar that says more is not listened to.
    /// </summary>
    public const int CoreBytesMax = 1024;

    /// <summary>Other fields of a registrar's 200 that the phone gets.</summary>
    public const int CoreFieldsBytesMax = 512;

    /// <summary>What is kept of a User-Agent: for people, who read no more of it in a list.</summary>
    public const int UserAgentBytesMax = 64;

    /// <summary>
    /// How long a nonce is good: phones that refresh every 90 s use each a few times, a stolen response is of use for
    /// five minutes at most, and only with a count that was not used.
    /// </summary>
    public const int NonceSeconds = 300;

    /// <summary>
    /// Wrong credentials of one source that are looked at in a row: a phone with a wrong password repeats it twice a
    /// minute, one who guesses has no more than a few tries.
    /// </summary>
    public const int FailedLoginsMax = 20;

    /// <summary>When one more is looked at: 8640 a day.</summary>
    public const int FailedLoginSeconds = 10;

    /// <summary>Nonces whose counts are remembered, 16 bytes each: 800 new ones a second.</summary>
    public const int NoncesTracked = 1 << 18;

    /// <summary>Subscriptions to registrations of one worker: an application server or two watch everybody of a small
    /// office, or each phone itself. Each costs a dialog, and a document with each change.</summary>
    public const int WatchersMax = 20_000;

    /// <summary>Of one address-of-record: its own phones, and those who look after them. Each change is a NOTIFY to
    /// each.</summary>
    public const int WatchersPerAorMax = 16;

    /// <summary>
    /// Between two NOTIFYs for one address-of-record (RFC 3680 4.10 recommends it): what changes faster is told as it
    /// is in the end.
    /// </summary>
    public const int RegEventQuietMilliseconds = 5000;

    /// <summary>A document of registrations: with the rest of the NOTIFY it fits into a datagram.</summary>
    public const int RegInfoBytesMax = 48 * 1024;

    /// <summary>One contact in it: its texts, most bytes escaped.</summary>
    public const int RegInfoContactBytesMax = 8 * 1024;

    /// <summary>Contacts that left between two NOTIFYs; more than that are not told one by one.</summary>
    public const int DepartedBytesMax = 16 * 1024;

    /// <summary>What a subscriber may give as the id of its Event; a longer one is not repeated to it.</summary>
    public const int EventIdBytesMax = 256;

    /// <summary>Event, Subscription-State and Content-Type of a NOTIFY of ours.</summary>
    public const int EventLinesBytesMax = EventIdBytesMax + 256;

    /// <summary>Bytes of messages and dialog texts that one worker may hold.</summary>
    public const long StateBytesMax = 4L << 30;

    /// <summary>Datagrams taken from one port in one turn, so that no port and no timer waits long.</summary>
    public const int ReceiveBatch = 64;

    /// <summary>
    /// Received datagrams of one worker that may be in other workers' hands, plus its own batch. Slots that are not
    /// used are not resident.
    /// </summary>
    public const int ReceiveSlots = 4096;

    /// <summary>Datagrams that may wait in the outbox before it is flushed within the turn.</summary>
    public const int SendSlots = 128;

    /// <summary>
    /// Slots of one worker that one destination may hold (a quarter): a slow worker starves nobody. 1024 messages are
    /// 170 ms of 500 calls a second: with 128 a worker whose processor was taken away for 20 ms cost calls.
    /// </summary>
    public const int HandOverMax = ReceiveSlots / 4;

    /// <summary>
    /// Sources whose message rate one worker remembers, four to a set; the least recently seen one goes.
    /// </summary>
    public const int SourcesTracked = 1 << 16;

    /// <summary>
    /// How long an INVITE that was challenged may be repeated on the same egress dialog (401, 407, 422).
    /// </summary>
    public const int ChallengeSeconds = 64;

    /// <summary>Calls reported by the admin interface in one answer.</summary>
    public const int CallsListedMax = 1000;

    /// <summary>Control requests that may wait for a worker.</summary>
    public const int MailboxMax = 256;
}
