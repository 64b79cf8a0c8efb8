"""Sign-in by an OpenID provider: who comes in, as what, and what is not believed."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from page.conftest import Person
from sso.conftest import Place, email
from sso.provider import SPOILS, WORDS, Provider

RULES = "Engineering: member\nheads: manager\nengineering: team backend\nheads: lead backend\nops: team ops"


def who(provider, **claims):
    provider.person = {"sub": email(), "email": email(), "email_verified": True, "name": "Ada", **claims}
    return provider.person["email"]


def test_a_new_person_comes_in_with_role_and_teams(stack, place, provider, stranger, go):
    place.team("backend")
    place.team("ops")
    place.openid(provider, rules=RULES)
    ada = who(provider, groups=["engineering"])
    assert go(stranger, place, f"/{place.org}/issues/").headers["Location"] == f"/{place.org}/issues/"
    assert stranger.get(f"/{place.org}/issues/").status_code == 200
    assert (place.role(ada), place.teams(ada)) == ("member", {"backend": "contributor"})

    provider.person["groups"] = ["heads", "ops"]
    assert go(Person(stack), place).status_code == 303
    assert (place.role(ada), place.teams(ada)) == ("manager", {"backend": "admin", "ops": "contributor"})

    provider.person["groups"] = []
    assert go(Person(stack), place).status_code == 303
    assert (place.role(ada), place.teams(ada)) == ("member", {}), "the default role, and no team that rules name"
    assert stack.value("select count(*) from audit where organization_id = %s and action = 'member.edit'", place.id) == 2


def test_the_subject_is_the_person_whatever_the_address(stack, place, provider, stranger, go):
    place.openid(provider)
    ada = who(provider)
    assert go(stranger, place).status_code == 303
    provider.person["email"] = email()
    again = Person(stack)
    assert go(again, place).status_code == 303
    assert ada in again.get("/account/").text


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email": "no address"}, {"email": None}])
def test_only_a_confirmed_address_makes_an_account(place, provider, stranger, go, claims):
    place.openid(provider)
    who(provider, **claims)
    answer = go(stranger, place)
    assert answer.status_code == 403 and "no confirmed mail address" in answer.text
    assert "vedette" not in stranger.session.cookies


def test_only_allowed_mail_domains(stack, place, provider, stranger, go):
    place.openid(provider)
    stack.sql("update organization set mail_domains = 'example.com' where id = %s", place.id)
    ada = who(provider)
    assert "of this domain" in go(stranger, place).text
    assert place.role(ada) is None


def test_who_is_in_no_group_may_have_to_stay_outside(place, provider, stranger, go):
    place.openid(provider, rules="heads: admin", outsiders="refuse")
    ada = who(provider, groups=["guests"])
    assert go(stranger, place).status_code == 403
    assert place.role(ada) is None
    provider.person["groups"] = "heads"
    assert go(stranger, place).status_code == 303
    assert place.role(ada) == "admin"


def test_groups_from_inside_a_claim_and_from_the_userinfo(place, provider, stranger, go):
    place.openid(provider, rules="heads: admin", groups_claim="realm_access.roles")
    ada = who(provider)
    provider.userinfo = {"realm_access": {"roles": ["heads"]}}
    assert go(stranger, place).status_code == 303
    assert place.role(ada) == "admin"


@pytest.mark.parametrize("alg", ["ES256", "PS256"])
def test_other_signatures(place, stranger, go, alg):
    provider = Provider(alg)
    place.openid(provider)
    who(provider)
    assert go(stranger, place).status_code == 303
    provider.close()


def test_a_changed_key_of_the_provider_holds_at_once(stack, place, provider, go):
    place.openid(provider)
    who(provider)
    assert go(Person(stack), place).status_code == 303
    provider.key = provider.new_key()
    assert go(Person(stack), place).status_code == 303


def test_what_is_not_believed(stack, place, provider, go):
    place.openid(provider, groups_claim="none")
    ada = who(provider)
    for how in SPOILS:
        stranger = Person(stack)
        provider.spoil(how)
        answer = go(stranger, place)
        assert answer.status_code in (403, 502), how
        assert WORDS[how] in answer.text, f"{how}: {answer.text}"
        assert "vedette" not in stranger.session.cookies, how
    assert place.role(ada) is None


def test_the_way_back_is_for_the_browser_that_went_and_once(stack, place, provider, go):
    place.openid(provider)
    who(provider)
    seen = []
    assert go(Person(stack), place, back=lambda url: seen.append(url) or url).status_code == 303
    other = Person(stack)
    path = seen[0].removeprefix(stack.url)
    assert other.get(path).status_code == 403, "no cookie: fixation"

    first = Person(stack)
    go(first, place, back=lambda url: seen.append(url) or "/healthz")
    path = seen[1].removeprefix(stack.url)
    wrong = first.session.cookies.copy()
    assert first.get(path.replace("state=", "state=x")).status_code == 403
    first.session.cookies = wrong
    assert first.get(path).status_code == 403, "a wrong state has used it up"

    third = Person(stack)
    go(third, place, back=lambda url: seen.append(url) or "/healthz")
    kept = third.session.cookies.copy()
    path = seen[2].removeprefix(stack.url)
    assert third.get(path).status_code == 303
    third.session.cookies = kept
    assert third.get(path).status_code == 403, "used already"


def test_a_no_of_the_provider_is_told(place, provider, stranger, go):
    place.openid(provider)
    provider.denies = "access_denied"
    answer = go(stranger, place)
    assert answer.status_code == 403 and "access_denied" in answer.text


def test_a_provider_cannot_take_over_what_is_not_its_own(stack, place, provider, go):
    """A person of two organisations, and whoever runs the installation."""
    other = Place(stack)
    place.openid(provider)
    for address in (other.account.email, stack.admin.email):
        if address == other.account.email:
            stack.sql("insert into member select %s, id, 'member' from account where email = %s", place.id, address)
        who(provider, email=address)
        answer = go(Person(stack), place)
        assert answer.status_code == 403 and "connect it under Account" in answer.text, address


def connect(person, provider_id):
    """By the page of the account; the last answer."""
    text = person.post("/account/sso/", provider=provider_id).text
    url = re.search(r'href="(http[^"]+)"', text).group(1).replace("&amp;", "&")
    there = person.session.get(url, allow_redirects=False, timeout=60)
    return person.get(there.headers["Location"].removeprefix(person.stack.url))


def test_connected_by_its_owner_it_leads_into_one_organisation_only(stack, place, provider, go):
    other = Place(stack)
    place.openid(provider)
    stack.sql("insert into member select %s, id, 'member' from account where email = %s", place.id, other.account.email)
    who(provider, email=other.account.email)
    id = stack.value("select id from integration where organization_id = %s", place.id)
    answer = connect(other.owner, id)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/security/")
    assert "Disconnect" in other.owner.get("/account/security/").text

    person = Person(stack)
    assert go(person, place).status_code == 303
    assert person.get(f"/{place.org}/issues/").status_code == 200
    answer = person.get(f"/{other.org}/issues/")
    assert answer.status_code == 403 and "Not by this sign-in" in answer.text

    answer = person.post("/account/tokens/", name="ci", scope="org:read", days="30")
    assert answer.status_code == 403 and "Not by this sign-in" in answer.text, "no token, no password of the account"
    assert person.post("/account/password/", new="a long enough riddle", again="a long enough riddle").status_code == 403
    assert person.post("/logout/").status_code == 303

    assert other.owner.post("/account/sso/", provider=id, disconnect="1").status_code == 303
    assert go(Person(stack), place).status_code == 403


def test_it_makes_nobody_a_superuser(stack, place, provider, admin, go):
    stack.sql("insert into member select %s, id, 'member' from account where email = %s", place.id, stack.admin.email)
    place.openid(provider)
    who(provider, email=stack.admin.email)
    assert connect(admin, stack.value("select id from integration where organization_id = %s", place.id)).status_code == 303
    person = Person(stack)
    assert go(person, place).status_code == 303
    assert person.get(f"/{place.org}/issues/").status_code == 200
    assert person.get(f"/{Place(stack).org}/issues/").status_code == 404


def test_another_organisations_provider_with_the_same_subject_is_another_person(stack, place, provider, go):
    """Two providers, one subject: GHSA of others."""
    evil, other = Provider(), Place(stack)
    place.openid(provider)
    other.openid(evil)
    ada = who(provider, sub="same")
    assert go(Person(stack), place).status_code == 303
    evil.person = {"sub": "same", "email": ada, "email_verified": True}
    answer = go(Person(stack), other)
    assert answer.status_code == 403 and other.role(ada) is None
    evil.close()


def test_passwords_can_be_switched_off_and_a_command_rescues(stack, place, provider, go):
    """Single sign-on leads in, no password does; owners and `vedette account link` do."""
    place.openid(provider)
    ada = who(provider)
    assert go(Person(stack), place).status_code == 303
    assert place.owner.post(f"/{place.org}/settings/security/", session_hours="").status_code == 303
    person = Person(stack)
    assert go(person, place).status_code == 303
    assert person.get(f"/{place.org}/issues/").status_code == 200
    rescued = Person(stack).sign_in(ada).set_password("a long enough riddle")
    assert rescued.get(f"/{place.org}/issues/").status_code == 200, "by a link of the command"
    by_password = Person(stack)
    assert by_password.post("/login/", csrf="", email=ada, password="a long enough riddle").status_code == 303
    assert by_password.get(f"/{place.org}/issues/").status_code == 403


def test_switched_off_or_disconnected_it_lets_nobody_in(stack, place, provider, go):
    place.openid(provider)
    who(provider)
    place.openid(provider, provider_on=None)
    assert go(Person(stack), place).status_code == 404
    assert place.owner.post(f"/{place.org}/settings/sso/oidc/remove/").status_code == 303
    assert go(Person(stack), place).status_code == 404


def test_what_cannot_be_kept(stack, place, provider):
    place.openid(provider, rules="heads: king", status=422)
    place.openid(provider, rules="no colon", status=422)
    place.openid(provider, rules="\n".join(f"g: team t{n}a" for n in range(51)), status=422)
    place.openid(provider, issuer="http://10.0.0.1/", status=422)
    place.openid(provider, client_id="", status=422)


def test_the_secret_is_sealed_and_never_shown(stack, place, provider):
    place.openid(provider)
    page = place.owner.get(f"/{place.org}/settings/sso/oidc/").text
    assert "a secret: with" not in page and "kept as it is" in page
    row = stack.value("select t::text from integration t where organization_id = %s", place.id)
    assert "a secret" not in row
    assert "a secret" not in stack.value("select string_agg(a::text, '') from audit a where organization_id = %s", place.id)
    assert f"oidc of {place.org}" not in place.owner.get(f"/{place.org}/settings/integrations/").text


def test_a_provider_that_is_away_says_so(stack, place, go):
    provider = Provider()
    place.openid(provider)
    provider.close()
    answer = go(Person(stack), place)
    assert answer.status_code == 502 and "cannot be had" in answer.text


def test_a_browser_goes_through_settings_test_and_sign_in(stack, place, provider, new_browser):
    """Settings, the test page, and the sign-in, as people do it; axe finds nothing serious."""
    browser = new_browser(place.account)
    page = browser.open(f"/{place.org}/settings/sso/")
    page.get_by_role("row", name="OpenID Connect").get_by_role("link").click()
    page.get_by_label("Issuer").fill(provider.issuer)
    page.get_by_label("Client ID").fill("vedette & co")
    page.get_by_label("Client secret").fill("a secret: with%signs")
    page.get_by_label("Groups", exact=True).fill("heads: admin\nheads: lead backend")
    page.get_by_label("Name").fill("Keys of the house")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved. A test sign-in").wait_for()
    ada = who(provider, groups=["heads", "<b>guests</b>"])
    page.get_by_role("button", name="Test").click()
    page.get_by_role("link", name="Go on to Keys of the house").click()
    page.get_by_text("The test sign-in worked").wait_for()
    assert page.get_by_text("<b>guests</b>").first.is_visible() and page.locator("dd b", has_text="admin").is_visible()
    assert place.role(ada) is None
    serious = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
    assert serious == []

    page = new_browser(None).open("/login/")
    page.get_by_role("link", name="Keys of the house").click()
    page.wait_for_url(lambda url: url.startswith(stack.url) and "/login/" not in url)
    assert place.role(ada) == "admin"
    assert page.get_by_role("heading").first.is_visible()
