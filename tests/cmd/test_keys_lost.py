"""Redis has lost everything: the edge must not refuse events for long."""


def test_keys_come_back_by_themselves(stack, project):
    stack.wait_for_event(stack.send_event(project))
    stack.expect_log("redis knows no client keys|NOGROUP|no such key|was gone|lost")
    stack.redis.flushall()
    stack.wait_for(lambda: stack.redis.exists(f"vedette:key:{project.key}"),
                   what="the worker to publish the keys again")
    assert int(stack.redis.get("vedette:keys:version")) > 1_000_000_000

    def accepted():
        answer = stack.send_envelope(project, {}, [({"type": "event"}, {"message": "still here"})])
        return answer.status_code == 200 and answer.json()["id"]

    stack.wait_for_event(stack.wait_for(accepted, what="the edge to take events again"))
