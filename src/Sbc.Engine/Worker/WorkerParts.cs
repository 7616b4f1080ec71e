using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Transactions;

namespace Sbc.Engine.Worker;

/// <summary>The parts of one worker, wired: tables of transactions and calls, and the flows over them.</summary>
public sealed class WorkerParts
{
    public WorkerParts(Workspace work, CallMedia media)
    {
        Media = media;
        Reply = new StatelessReply(work);
        Servers = new ServerTransactions(work);
        Clients = new ClientTransactions(work);
        Calls = new CallTable(work);
        var requests = new LegRequest(work, Calls);
        Responses = new LegResponse(work, Calls, Servers);
        var setup = new LegSetup(work, Calls);
        Ending = new CallEnding(work, Calls, Servers, Clients, requests, Responses, media);
        Invites = new InviteFlow(work, Calls, Servers, Clients, setup, requests, Responses, Ending, media, Reply);
        Dialogs = new DialogFlow(work, Calls, Servers, Clients, setup, requests, Responses, Ending, Invites, media, Reply);
        Probing = new Probing(work, Clients, requests);
        ClientEvents = new ClientEvents(work, Calls, Servers, Clients, Responses, Ending, Invites, Dialogs, Probing);
        Guard = new CallGuard(work, Calls, Ending, Invites);
        Control = new Control(work, Calls, Dialogs);
        media.Attach(Calls, Dialogs);
    }

    public CallMedia Media { get; }

    public StatelessReply Reply { get; }

    public ServerTransactions Servers { get; }

    public ClientTransactions Clients { get; }

    public CallTable Calls { get; }

    public LegResponse Responses { get; }

    public CallEnding Ending { get; }

    public InviteFlow Invites { get; }

    public DialogFlow Dialogs { get; }

    public Probing Probing { get; }

    public ClientEvents ClientEvents { get; }

    public CallGuard Guard { get; }

    public Control Control { get; }
}
