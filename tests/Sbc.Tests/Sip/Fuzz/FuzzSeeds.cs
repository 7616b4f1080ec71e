using Sbc.Tests.Sip.Message;

namespace Sbc.Tests.Sip.Fuzz;

/// <summary>Messages with much grammar in few lines, so that fuzzing works where there is no corpus.</summary>
internal static class FuzzSeeds
{
    public static readonly byte[][] All =
    [
        SipSamples.Wire("""
            BYE sips:user;par=u:pass@[2001:db8::10]:5061;lr;transport=tls?Subject=x SIP/2.0
            Via: SIP / 2.0 / UDP  [2001:db8::9] : 5060 ; branch = z9hG4bKx ; rport, SIP/2.0/TCP h;received=192.0.2.1
            v:SIP/2.0/SCTP i
             ;branch=z9hG4bKy
            TO : "A. \"<Watson>\", T;" <sip:t@example.org;x=y> ; tag = 1
            f: <tel:+1-202-555;ext=5>;x="tag=2;";tag=2
            Route: <sip:p;lr>,<sip:[::1]:5070>
            Route: "Q, or R" <sip:q;lr>
            m: *
            CSeq: 0009
             BYE
            i: a@b
            l: 4

            bodymore
            """),
        SipSamples.Wire("""
            MESSAGE tel:+1-202;phone-context=x SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK7
            From: <sip:a@b>;tag=1
            To: <tel:+1-202;ext=5>
            i: multi
            CSeq: 1 MESSAGE
            Max-Forwards: 70
            Refer-To: "x" <sip:c@d?Replaces=a%3Bto-tag%3D1>
            P-Asserted-Identity: <sip:a@b>, <tel:+1>
            c: multipart/mixed ; boundary = "b"

            preamble
            --b
            Content-Type: multipart/alternative;boundary=c

            --c

            one
            --c--
            --b
            Content-Type: application/sdp
            Content-Disposition: session;
             handling=optional

            v=0

            --b--
            epilogue
            """),
        SipSamples.Wire("""
            SIP/2.0 183 Session  Progress
            Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;received=10.0.0.1;rport=1024
            Record-Route: <sip:a;lr>, <sip:b;lr;ftag=1>
            From: caller<sip:a@b>;tag=3
            To: sip:b@c;tag=4
            Call-ID: x
            CSeq: 2147483647 INVITE
            Contact: sip:b@[2001:db8::192.0.2.1]:5062;q=0.5;expires=60
            X-Unknown : value
            Content-Length: 0


            """),
    ];
}
