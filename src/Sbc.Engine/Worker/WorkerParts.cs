using Sbc.Engine.Calls;
using Sbc.Engine.Forwarding;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Registrations;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Engine.Trunks;

namespace Sbc.Engine.Worker;

/// <summary>The parts of one worker, wired: tables of transactions and calls, and the flows over them.</summary>
public sealed class WorkerParts
{
    public WorkerParts(
        Workspace work, CallMedia media, INameResolver? resolver, LocationTable locations, NonceCounts nonces,
        FailedLogins failures)
    {
        Media = media;
        Locations = new NameLocations(work, resolver);
        Reply = new StatelessReply(work);
        Servers = new ServerTransactions(work);
        Clients = new ClientTransactions(work);
        Calls = new CallTable(work);
        var credentials = new Credentials(work);
        var requests = new LegRequest(work, Calls, Clients, credentials);
        Responses = new LegResponse(work, Calls, Servers);
        Names = new DialogNames(work, Calls);
        var setup = new LegSetup(work, Calls, Names);
        var targets = new TargetChoice(work.Cells);
        var early = new EarlyDialogs(work, Calls, Clients, setup, media, targets);
        Ending = new CallEnding(work, Calls, Servers, Clients, requests, Responses, early, media, targets);
        var subscriptions = new Subscriptions(work, Calls, early, Ending);
        var timers = new CallTimers(work, Calls, Clients, setup, requests, Ending, media);
        var registered = new RegisteredTargets(work, locations);
        var attempts = new Attempts(work, Calls, Servers, Clients, setup, requests, early, media, Names, targets,
            Locations, registered, new ServiceRoutes(work, locations));
        var branches = new Branches(work, Calls, Clients, attempts, early, registered);
        var redirection = new Redirection(work, Calls, Servers, attempts, targets);
        Invites = new InviteFlow(work, Calls, Servers, Clients, setup, Responses, Ending, attempts, branches, early,
            redirection, timers, media, Reply, targets);
        Requests = new RequestFlow(work, Calls, Servers, setup, Responses, Ending, attempts, branches, early,
            subscriptions, media, Reply);
        Authenticator = new Authenticator(work, nonces, failures);
        RegEvents = new RegEvents(work, locations, Calls, Servers, Clients, setup, requests, Responses, Ending,
            Authenticator, Reply);
        Dialogs = new DialogFlow(work, Calls, Servers, Clients, setup, requests, Responses, Ending, Invites,
            subscriptions, timers, media, Reply, credentials, RegEvents);
        Cancels = new CancelFlow(work, Calls, Servers, Invites, Dialogs, Reply);
        var health = new PeerHealth(work);
        Probing = new Probing(work, Clients, requests, health);
        TrunkRegistrations = new TrunkRegistrations(work, Clients, requests, credentials);
        var challenges = new ChallengeFlow(work, Calls, Servers, Clients, early, credentials);
        var changes = new ContactChanges(work, locations, RegEvents);
        var cache = new RelayCache(work, locations, changes, new RegisterResponse(work, locations), Servers);
        Relay = new RelayFlow(work, locations, changes, cache, new RelayRequest(work, locations, requests), Servers,
            Clients, Responses, Reply);
        ClientEvents = new ClientEvents(work, Calls, Servers, Clients, Responses, Ending, Invites, Requests, Dialogs,
            timers, Probing, health, Locations, challenges, TrunkRegistrations, Relay, RegEvents);
        Registers = new RegisterFlow(work, locations, changes, Authenticator, Relay, Servers, Reply);
        Callers = new CallerAuthentication(work, Authenticator, Reply);
        KeepAlives = new KeepAlives(work);
        Options = new BoxOptions(work, Reply);
        Forward = new ForwardFlow(work, Reply, health);
        Guard = new CallGuard(work, Calls, Ending, Invites);
        Auditor = new Auditor(work, Calls, Servers, Clients, Ending, media);
        Control = new Control(work, Calls, Dialogs, media, Registers, TrunkRegistrations, RegEvents);
        media.Attach(Calls, Dialogs);
    }

    public CallMedia Media { get; }

    public StatelessReply Reply { get; }

    public ServerTransactions Servers { get; }

    public ClientTransactions Clients { get; }

    public CallTable Calls { get; }

    public DialogNames Names { get; }

    public NameLocations Locations { get; }

    public LegResponse Responses { get; }

    public CallEnding Ending { get; }

    public InviteFlow Invites { get; }

    public RequestFlow Requests { get; }

    public RegisterFlow Registers { get; }

    public RelayFlow Relay { get; }

    public RegEvents RegEvents { get; }

    public Authenticator Authenticator { get; }

    public CallerAuthentication Callers { get; }

    public KeepAlives KeepAlives { get; }

    public BoxOptions Options { get; }

    public CancelFlow Cancels { get; }

    public DialogFlow Dialogs { get; }

    public Probing Probing { get; }

    public TrunkRegistrations TrunkRegistrations { get; }

    public ForwardFlow Forward { get; }

    public ClientEvents ClientEvents { get; }

    public CallGuard Guard { get; }

    public Auditor Auditor { get; }

    public Control Control { get; }
}
