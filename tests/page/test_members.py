"""Members and invitations: who comes in, as what, and who goes."""

import re
import secrets
import threading

import pytest

from page.conftest import Person, statements

MEMBERS = "/acme/settings/members/"
PASSWORD = "a horse, a battery, a staple"


@pytest.fixture
def fresh(stack, project):
    """An organisation of its own: (slug, its owner), the administrator is no member."""
    def make():
        account = stack.create_account()
        slug = "org-" + account.email[:8].replace(".", "-")
        stack.create_project(org=slug, owner=account.email)
        return slug, Person(stack).sign_in(account.email), account.email
    return make


def id_of(stack, email):
    return stack.value("select id from account where email = %s", email)


def role_of(stack, org, email):
    rows = stack.sql("select m.role from member m join account a on a.id = m.account_id"
                     " join organization o on o.id = m.organization_id"
                     " where o.slug = %s and a.email = %s", org, email)
    return rows[0][0] if rows else None


def join(stack, org, role):
    email = stack.create_account().email
    stack.sql("insert into member (organization_id, account_id, role)"
              " select o.id, a.id, %s from organization o, account a"
              " where o.slug = %s and a.email = %s", role, org, email)
    return email


def link_in(answer):
    return re.search(r'value="https?://[^"/]+(/invitation/[^"]+)"', answer.text).group(1)


def invite(person, email, role="member", org="acme"):
    answer = person.post(f"/{org}/settings/members/", email=email, role=role)
    assert answer.status_code == 200, answer.text
    return link_in(answer)


def test_somebody_new_is_invited_and_comes_in(stack, browser, new_browser, project):
    page = browser.open(MEMBERS)
    page.get_by_label("Email to invite").fill("Nora@Example.org")
    page.get_by_label("Role of the invited").select_option("admin")
    page.get_by_role("button", name="Invite").click()
    link = page.get_by_label("Invitation link").input_value()
    assert page.get_by_text("nora@example.org").first.is_visible()
    secret = link.rstrip("/").rpartition("/")[2]
    assert secret not in stack.value("select invitation::text from invitation"
                                     " where email = 'nora@example.org'")

    guest = new_browser(stack.create_account())
    guest.context.clear_cookies()
    page = guest.open(link)
    assert page.get_by_text("Ada Admin").is_visible()
    page.get_by_label("Name").fill("Nora New")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account and join").click()
    page.wait_for_url("**/acme/")
    assert role_of(stack, "acme", "nora@example.org") == "admin"
    assert stack.sql("select 1 from invitation where email = 'nora@example.org'") == []
    lines = stack.sql("select action, actor_email from audit where object = 'nora@example.org'"
                      " and organization_id is not null order by id")
    assert lines == [("member.invite", stack.admin.email),
                     ("member.accept-invite", "nora@example.org")]


def test_a_link_works_once(stack, admin, project):
    link = invite(admin, "once@example.org")
    first, second = Person(stack), Person(stack)
    assert first.post(link, csrf="", name="One", password=PASSWORD).status_code == 303
    answer = second.post(link, csrf="", name="Two", password=PASSWORD)
    assert answer.status_code == 404 and "no longer valid" in answer.text
    assert second.get(link).status_code == 404


def test_two_at_the_same_time_make_one_member(stack, admin, project):
    link = invite(admin, "race@example.org")
    people = [Person(stack), Person(stack)]
    answers = []
    threads = [threading.Thread(target=lambda p=p: answers.append(
        p.post(link, csrf="", name="R", password=PASSWORD).status_code)) for p in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 404]


def test_a_link_ends_after_seven_days_and_by_a_new_one(stack, admin, project, stranger):
    link = invite(admin, "late@example.org")
    number = stack.value("select id from invitation where email = 'late@example.org'")
    assert stack.value("select expires_at - created_at = interval '7 days' from invitation"
                       " where id = %s", number)
    stack.sql("update invitation set expires_at = now() where id = %s", number)
    assert stranger.get(link).status_code == 404
    assert "Expired" in admin.get(MEMBERS).text

    answer = admin.post(f"/acme/settings/invitations/{number}/resend/")
    assert answer.status_code == 200
    newer = link_in(answer)
    assert newer != link
    assert stranger.get(newer).status_code == 200 and stranger.get(link).status_code == 404

    assert admin.post(f"/acme/settings/invitations/{number}/revoke/").status_code == 303
    assert stranger.get(newer).status_code == 404
    assert admin.post(f"/acme/settings/invitations/{number}/revoke/").status_code == 404


def test_who_is_signed_in_joins_with_one_button(stack, admin, new_person, project):
    person = new_person()
    link = invite(admin, "someone.else@example.org", "viewer")
    assert person.post(link, csrf="wrong").status_code == 403, "not from our page"
    assert person.post(link).status_code == 303
    assert person.get("/acme/").status_code == 200
    assert person.post("/acme/new-project/", name="No").status_code == 403


def test_an_invitation_lowers_nobody(stack, admin, member_of, project):
    manager = member_of("acme", "manager")
    assert manager.post(invite(admin, "x1@example.org", "viewer")).status_code == 303
    assert manager.get("/acme/settings/audit/").status_code == 200


def test_an_inviter_cannot_take_an_account_over(stack, admin, project, stranger):
    victim = stack.create_account().email
    link = invite(admin, victim)
    answer = stranger.post(link, csrf="", name="Thief", password=PASSWORD)
    assert answer.status_code == 409 and "Sign in to it" in answer.text
    assert stack.value("select password_hash from account where email = %s", victim) is None
    assert stranger.get("/account/").status_code == 303
    assert role_of(stack, "acme", victim) is None


def test_what_is_refused(stack, admin, member_of, project, stranger):
    manager = member_of("acme", "manager")
    assert manager.post(MEMBERS, email="a@example.org", role="owner").status_code == 403
    assert admin.post(MEMBERS, email="no address", role="member").status_code == 422
    assert admin.post(MEMBERS, email="a@example.org", role="king").status_code == 422
    assert admin.post(MEMBERS, email=stack.admin.email, role="member").status_code == 409
    invite(admin, "twice@example.org")
    assert admin.post(MEMBERS, email="twice@example.org", role="member").status_code == 409
    link = invite(admin, "weak@example.org")
    for field in ({"name": "", "password": PASSWORD}, {"name": "W", "password": "short"},
                  {"name": "W", "password": "weak@example.org"}):
        assert stranger.post(link, csrf="", **field).status_code == 422
    assert stranger.get(link).status_code == 200


def test_a_role_is_changed_in_the_browser(stack, browser, member_of, project):
    email = join(stack, "acme", "viewer")
    name = email.partition("@")[0].title()
    page = browser.open(f"{MEMBERS}?q={email}")
    page.get_by_label(f"Role of {name}", exact=True).select_option("admin")
    page.get_by_role("button", name=f"Save the role of {name}").click()
    page.get_by_text("Saved.").wait_for()
    assert role_of(stack, "acme", email) == "admin"

    page = browser.open(f"{MEMBERS}?q={email}")
    page.locator("summary", has_text="Remove").click()
    page.get_by_role("button", name=f"Remove {name}").click()
    page.get_by_text("Removed.").wait_for()
    assert role_of(stack, "acme", email) is None


def test_a_removed_member_is_out_at_once(stack, fresh):
    slug, owner, _ = fresh()
    email = join(stack, slug, "member")
    person = Person(stack).sign_in(email)
    assert person.get(f"/{slug}/").status_code == 200
    issue = stack.value(
        "insert into issue (organization_id, project_id, number, title, level, first_seen, last_seen,"
        " assignee_id) select p.organization_id, p.id, 1, 'x', 40, now(), now(), %s from project p"
        " join organization o on o.id = p.organization_id where o.slug = %s returning id",
        id_of(stack, email), slug)
    assert owner.post(f"/{slug}/settings/members/{id_of(stack, email)}/remove/").status_code == 303
    assert person.get(f"/{slug}/").status_code == 404
    assert stack.value("select assignee_id from issue where id = %s", issue) is None


def test_nobody_raises_above_the_own_role(stack, fresh):
    slug, _, owner = fresh()
    email = join(stack, slug, "manager")
    manager = Person(stack).sign_in(email)
    for target, role in ((email, "owner"), (owner, "viewer"), (owner, "owner")):
        path = f"/{slug}/settings/members/{id_of(stack, target)}/"
        assert manager.post(path, role=role).status_code == 403
    assert manager.post(f"/{slug}/settings/members/{id_of(stack, owner)}/remove/").status_code == 403
    assert (role_of(stack, slug, owner), role_of(stack, slug, email)) == ("owner", "manager")


def test_the_last_owner_stays(stack, fresh):
    slug, person, email = fresh()
    path = f"/{slug}/settings/members/{id_of(stack, email)}/"
    for answer in (person.post(path, role="member"), person.post(f"{path}remove/"),
                   person.post(f"/{slug}/settings/leave/")):
        assert answer.status_code == 409 and "last owner" in answer.text
    assert role_of(stack, slug, email) == "owner"


def test_two_owners_that_leave_at_once_leave_one(stack, fresh):
    slug, first, email = fresh()
    other = join(stack, slug, "owner")
    second = Person(stack).sign_in(other)
    tokens = {first: first.csrf, second: second.csrf}
    answers = []
    threads = [threading.Thread(target=lambda p=p: answers.append(
        p.post(f"/{slug}/settings/leave/", csrf=tokens[p]).status_code)) for p in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 409]
    assert sorted([role_of(stack, slug, email) or "", role_of(stack, slug, other) or ""]) == ["", "owner"]


def test_another_organisations_members_are_not_touched(stack, fresh, project):
    slug, owner, _ = fresh()
    email = join(stack, "acme", "viewer")
    assert owner.post(f"/{slug}/settings/members/{id_of(stack, email)}/", role="admin").status_code == 404
    assert owner.post(f"/acme/settings/members/{id_of(stack, email)}/", role="admin").status_code == 404
    assert role_of(stack, "acme", email) == "viewer"


def test_a_member_sees_the_list_and_no_buttons(member_of, project):
    answer = member_of("acme", "viewer").get(MEMBERS)
    assert answer.status_code == 200 and statements(answer) <= 7
    assert "Invite" not in answer.text and "/remove/" not in answer.text


def test_members_work_without_javascript_and_names_are_only_text(stack, admin, new_browser, project):
    stack.create_account("evil@example.org", name='"><img src=x onerror=alert(1)>\u202e')
    stack.sql("insert into member select o.id, a.id, 'viewer' from organization o, account a"
              " where o.slug = 'acme' and a.email = 'evil@example.org'")
    page = new_browser(stack.admin, java_script_enabled=False).open(f"{MEMBERS}?q=evil@")
    assert "<img" not in page.content()
    page.locator("select[name=role]").last.select_option("member")
    page.get_by_role("button", name="Save the role").click()
    assert role_of(stack, "acme", "evil@example.org") == "member"
    assert statements(admin.get(MEMBERS)) <= 9


def test_an_owner_takes_away_a_second_factor_of_a_member_alone(stack, member_of):
    org = f"org-{secrets.token_hex(3)}"
    stack.create_project(org=org)
    owner, member = member_of(org, "owner"), member_of(org, "member")
    id, email = stack.sql("select a.id, a.email from account a join member m on m.account_id = a.id join organization o"
                          " on o.id = m.organization_id where o.slug = %s and m.role = 'member'", org)[0]
    path = f"/{org}/settings/members/{id}/second/"

    def has_one():
        return stack.value("select totp_sealed is not null from account where id = %s", id)

    stack.sql("update account set totp_sealed = 'x' where id = %s", id)
    assert member.post(path).status_code == 403 and has_one()
    assert owner.post(path).status_code == 303 and not has_one()
    assert stack.value("select count(*) from audit v join organization o on o.id = v.organization_id"
                       " where o.slug = %s and v.action = 'account.second-remove' and v.object = %s", org, email) == 1
    stack.create_project(org=f"{org}-b")
    stack.sql("insert into member select o.id, %s, 'member' from organization o where o.slug = %s", id, f"{org}-b")
    stack.sql("update account set totp_sealed = 'x' where id = %s", id)
    answer = owner.post(path)
    assert answer.status_code == 303 and has_one()
    assert "other organisations" in owner.get(answer.headers["Location"]).text


def names(answer):
    return re.findall(r'<div class="grow"><b class="u">([^<]*)</b>', answer.text)


def test_many_members_are_pages_by_name_and_can_be_searched(stack, fresh):
    org, owner, _ = fresh()
    stack.sql("with made as (insert into account (email, name)"
              " select %s || '-' || n || '@many.example', 'Nora ' || to_char(n, 'FM000')"
              " from generate_series(1, 110) n returning id)"
              " insert into member (organization_id, account_id, role)"
              " select o.id, made.id, 'member' from organization o, made where o.slug = %s", org, org)
    path = f"/{org}/settings/members/"
    first = owner.get(path)
    seen, page = names(first), first
    while (older := re.search(r'<a class="btn" href="(\?cursor=\d[^"]*)"', page.text)):
        page = owner.get(path + older.group(1))
        seen += names(page)
    assert len(seen) == 111 and sorted(n for n in seen if n.startswith("Nora")) == [
        n for n in seen if n.startswith("Nora")] and len(names(page)) == 11
    newer = re.search(r'<a class="btn" href="(\?cursor=-[^"]*)"', page.text).group(1)
    assert names(owner.get(path + newer)) == seen[50:100]
    assert names(owner.get(f"{path}?q=NORA+04")) == [f"Nora 04{n}" for n in range(10)]
    assert "Nobody found" in owner.get(f"{path}?q=nobody-at-all").text


def test_the_list_says_who_has_a_second_factor_and_who_was_here(stack, admin, fresh):
    org, owner, email = fresh()
    quiet, secured = join(stack, org, "member"), join(stack, org, "admin")
    stack.sql("update account set totp_sealed = 'x' where email = %s", secured)
    stack.sql("update account set last_login_at = now() - interval '40 days' where email = %s", email)
    rows = {mail: re.search(rf"<tr>(?:(?!</tr>).)*{re.escape(mail)}.*?</tr>", owner.get(f"/{org}/settings/members/").text,
                            re.S).group(0) for mail in (email, quiet, secured)}
    assert ">on</span>" in rows[secured] and ">off</span>" in rows[quiet]
    assert "never" in rows[quiet]
    assert " d ago" not in rows[email], "here just now, whenever that sign-in was"
