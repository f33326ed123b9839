"""The usual Python webhook handler: FastAPI, pydantic, HMAC, then SETNX, LLEN and LPUSH of redis-py."""
import hashlib
import hmac
import json
import os
import time
from typing import Any, Dict, List, Optional

import redis.asyncio as redis
import uvicorn
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel

SECRET = os.environ["BENCH_SECRET"].encode()
CAPACITY = 1_000_000

app = FastAPI()
client = redis.Redis(host="127.0.0.1", port=int(os.environ["BENCH_REDIS_PORT"]), decode_responses=True)


class WebhookEvent(BaseModel):
    event_id: str
    module: str
    operation: str
    ids: List[str]
    data: Optional[Dict[str, Any]] = None


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.post("/webhooks/zoho")
async def receive(request: Request):
    body = await request.body()
    signature = request.headers.get("x-zoho-signature", "")
    expected = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature, expected):
        raise HTTPException(status_code=401, detail="invalid signature")
    event = WebhookEvent(**json.loads(body))
    if not await client.set(f"webhook:seen:{event.event_id}", "1", nx=True, ex=3600):
        return {"status": "duplicate", "event_id": event.event_id}
    if await client.llen("webhook:queue") >= CAPACITY:
        raise HTTPException(status_code=503, detail="queue full")
    queued = {**event.dict(), "received_at": time.time()}
    await client.lpush("webhook:queue", json.dumps(queued))
    return {"status": "accepted", "event_id": event.event_id}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
